-- The farm: takes that are asked for are made by workers of the studio. What waits is in the log; a job of procrastinate,
-- whose tables are in a schema of their own, is its shadow.

DO $$
BEGIN
    CREATE ROLE takes_worker NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- of another database of this server
END $$;
GRANT takes_reader TO takes_worker;
GRANT takes_worker TO takes_keeper;
CREATE SCHEMA takes_jobs AUTHORIZATION takes_owner;
SET LOCAL ROLE takes_owner;

CREATE TABLE takes_jobs.steps (name text PRIMARY KEY);  -- those of procrastinate's own that were taken
GRANT USAGE ON SCHEMA takes_jobs TO takes_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA takes_jobs GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO takes_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA takes_jobs GRANT USAGE ON SEQUENCES TO takes_worker;

-- Where workers find what is to be made for a film; without it, whoever keeps the film makes it.
ALTER TABLE takes.films ADD COLUMN queue text CHECK (queue <> '');

-- Have there be a job for that take, unless one waits already, or workers make nothing of that film.
CREATE FUNCTION takes.defer(_film bigint, _stream text, _number int) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = takes_jobs, pg_temp AS $$
DECLARE
    _name text := concat_ws('/', _film, _stream, _number);
    _queue text;
BEGIN
    SELECT queue INTO _queue FROM takes.films WHERE film = _film AND state = 'open';
    IF _queue IS NOT NULL THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(_film || '/' || _queue, 'takes.make', 0, _name, _name,
            jsonb_build_object('film', _film, 'stream', _stream, 'number', _number), NULL)::procrastinate_job_to_defer_v1]);
    END IF;
EXCEPTION WHEN unique_violation THEN NULL;
END $$;

-- The job is there as soon as the take's number is given, in one transaction with that.
CREATE FUNCTION takes.ask() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE _data json := NEW.data;
BEGIN
    IF _data->>'type' = 'take.created' AND _data->'source'->>'kind' = 'request' THEN
        PERFORM takes.defer(NEW.film, NEW.stream, (_data->>'take')::int);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER asked AFTER INSERT ON takes.events FOR EACH ROW
    WHEN (NEW.data LIKE '%"take.created"%' AND NEW.data LIKE '%"request"%') EXECUTE FUNCTION takes.ask();

-- Say where workers find what is to be made for the film, or with NULL that there is nothing for them.
CREATE FUNCTION takes.hand_out(_film bigint, _queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = takes_jobs, pg_temp AS $$
BEGIN
    UPDATE takes.films SET queue = _queue WHERE film = _film AND queue IS DISTINCT FROM _queue;
    IF FOUND AND to_regclass('procrastinate_jobs') IS NOT NULL THEN
        DELETE FROM procrastinate_jobs WHERE status = 'todo' AND starts_with(lock, _film || '/');
    END IF;
END $$;

-- The same as takes.append, of what a worker may say: that it begins with a take.
CREATE FUNCTION takes.start(_film bigint, _batch jsonb, _seen bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_array_elements(_batch) AS one WHERE one ? 'fence')
        OR EXISTS (SELECT 1 FROM jsonb_array_elements(_batch) AS one, jsonb_array_elements(one->'appends') AS part,
                   jsonb_array_elements(part->'events') AS event
                   WHERE (event->>2)::json->>'type' IS DISTINCT FROM 'take.started'
                   OR (SELECT count(*) <> count(DISTINCT key) FROM json_object_keys((event->>2)::json) AS key)) THEN
        RAISE insufficient_privilege USING MESSAGE = 'that is for a keeper to say, and not for a worker';
    END IF;
    RETURN takes.append(_film, _batch, _seen);
END $$;

REVOKE ALL ON FUNCTION takes.defer, takes.ask, takes.hand_out, takes.start FROM PUBLIC;
GRANT EXECUTE ON FUNCTION takes.start TO takes_worker;
GRANT EXECUTE ON FUNCTION takes.defer, takes.hand_out TO takes_keeper;
