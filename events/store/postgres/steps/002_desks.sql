-- Desks: machines that say what their users want of a film, and touch nothing of it on the disk.

DO $$
BEGIN
    CREATE ROLE takes_desk NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- of another database of this server
END $$;
GRANT takes_reader TO takes_desk;
GRANT takes_desk TO takes_keeper;
SET LOCAL ROLE takes_owner;

-- What has happened to the disk is for a keeper to say.
CREATE FUNCTION takes.is_wish(_data json) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT (SELECT count(*) = count(DISTINCT key) FROM json_object_keys(_data) AS key)  -- or readers might differ
        AND CASE _data->>'type'
            WHEN 'take.failed' THEN _data->>'why' IS NOT DISTINCT FROM 'cancelled'
            ELSE _data->>'type' NOT IN ('shot.registered', 'shot.moved', 'shot.recovered', 'take.started',
                'take.completed', 'take.measured', 'take.joined', 'take.superseded', 'take.accepted', 'take.purged')
            END
$$;

-- The same as takes.append, of what somebody has asked for: without a fence.
CREATE FUNCTION takes.command(_film bigint, _batch jsonb, _seen bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_array_elements(_batch) AS one
               WHERE one ? 'fence' OR (one->>'cause' LIKE 'request:%') IS NOT TRUE)
        OR EXISTS (SELECT 1 FROM jsonb_array_elements(_batch) AS one, jsonb_array_elements(one->'appends') AS part,
                   jsonb_array_elements(part->'events') AS event
                   WHERE takes.is_wish((event->>2)::json) IS NOT TRUE) THEN
        RAISE insufficient_privilege USING MESSAGE = 'that is for a keeper to say, and not for a desk';
    END IF;
    RETURN takes.append(_film, _batch, _seen);
END $$;

-- What a desk has seen its user do, so that a keeper looks at once. It is a hint: a lost one costs the time of a scan.
CREATE UNLOGGED TABLE takes.hints (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    film     bigint NOT NULL,
    folder   text   NOT NULL,                        -- relative to the film
    name     text   NOT NULL,
    moved    boolean NOT NULL,                       -- it came by a rename, else its writer has closed it
    size     bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON takes.hints (film, id);

CREATE FUNCTION takes.hint(_film bigint, _hints jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO takes.hints (film, folder, name, moved, size, mtime_ns)
        SELECT _film, one->>0, one->>1, (one->>2)::boolean, (one->>3)::bigint, (one->>4)::bigint
        FROM jsonb_array_elements(_hints) AS one;
    DELETE FROM takes.hints WHERE film = _film AND at < clock_timestamp() - interval '1 hour';
    PERFORM pg_notify('takes_hints', _film::text);
END $$;

REVOKE ALL ON FUNCTION takes.is_wish, takes.command, takes.hint FROM PUBLIC;
GRANT SELECT ON takes.hints TO takes_keeper;
GRANT EXECUTE ON FUNCTION takes.command, takes.hint TO takes_desk;
