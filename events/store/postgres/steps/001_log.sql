-- The studio's log: its films, their records, and the functions that are the one way in.
-- It is run by whoever may make roles, as one transaction, with the schema `takes` there and empty.

-- Who may what. Nobody logs in as the owner, and nobody else may write to a table.
DO $$
DECLARE _role text;
BEGIN
    FOREACH _role IN ARRAY ARRAY['takes_owner', 'takes_keeper', 'takes_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', _role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- of another database of this server
        END;
    END LOOP;
    EXECUTE format('GRANT takes_owner TO %I', current_user);
END $$;
GRANT takes_reader TO takes_keeper;
ALTER SCHEMA takes OWNER TO takes_owner;
ALTER TABLE takes.format OWNER TO takes_owner;
SET LOCAL ROLE takes_owner;

CREATE TABLE takes.films (
    film  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id    text   NOT NULL UNIQUE,                    -- the log's id, which it keeps when it moves in or out
    name  text   NOT NULL,
    head  bigint NOT NULL DEFAULT 0,                 -- the counter: each append locks it until its commit
    hash  text   NOT NULL DEFAULT repeat('0', 64),
    state text   NOT NULL DEFAULT 'moving' CHECK (state IN ('moving', 'open', 'left'))
) WITH (fillfactor = 50);                            -- so that the counter is changed in its place

CREATE TABLE takes.events (                          -- the columns of log.db, and the film
    film     bigint NOT NULL,
    position bigint NOT NULL,
    stream   text   NOT NULL,
    version  bigint NOT NULL,
    id       text   NOT NULL,
    at       text   NOT NULL,
    actor    text   NOT NULL,
    cause    text,
    schema   int    NOT NULL,
    data     text   NOT NULL,                        -- text and not jsonb: the hash is over these bytes
    hash     text   NOT NULL,
    PRIMARY KEY (film, position),
    UNIQUE (film, stream, version)
) PARTITION BY HASH (film);
CREATE INDEX ON takes.events (film, cause) WHERE cause LIKE 'request:%';

CREATE FUNCTION takes.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a record is never changed or removed';
END $$;
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON takes.events FOR EACH ROW EXECUTE FUNCTION takes.refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON takes.events EXECUTE FUNCTION takes.refuse();
DO $$
BEGIN
    FOR _part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE takes.events_%s PARTITION OF takes.events FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                       _part, _part);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON takes.events_%s EXECUTE FUNCTION takes.refuse()',
                       _part);
    END LOOP;
END $$;

CREATE TABLE takes.claims (                          -- who may speak for a shard of a film: an epoch that only grows
    film  bigint NOT NULL,
    shard int    NOT NULL CHECK (shard BETWEEN 0 AND 15),
    owner text   NOT NULL,
    epoch bigint NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (film, shard)
) WITH (fillfactor = 50);

-- The hash of a record: SHA-256 of ten lines of UTF-8, as docs/log-format.md has it.
CREATE FUNCTION takes.chain(_before text, _position bigint, _stream text, _version bigint, _id text, _at text,
    _actor text, _cause text, _schema int, _data text) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', _before, _position, _stream, _version, _id, _at, _actor,
        coalesce(_cause, ''), _schema, _data), 'UTF8')), 'hex')
$$;

-- The shard of a shot; the owner of shard 0 alone says which shots there are, and where.
CREATE FUNCTION takes.shard(_stream text, _data text) RETURNS int LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog AS $$
    SELECT CASE WHEN _data::json->>'type' IN ('shot.registered', 'shot.moved') THEN 0
                ELSE get_byte(sha256(convert_to(_stream, 'UTF8')), 0) % 16 END
$$;

-- Records as a list of lists, in order.
CREATE FUNCTION takes.records(_film bigint, _first bigint, _last bigint) RETURNS jsonb LANGUAGE sql STABLE
    SET search_path = pg_catalog AS $$
    SELECT jsonb_agg(jsonb_build_array(position, stream, version, id, at, actor, cause, schema, data, hash)
                     ORDER BY position)
    FROM takes.events WHERE film = _film AND position BETWEEN _first AND _last
$$;

-- The one way in. Of a batch each is done or refused by itself: {cause, fence, appends: [{stream, expected, at, actor,
-- events: [[id, schema, data]]}]}, where a fence is an epoch for each shard that it speaks for: {"3": 7}. Whoever has seen
-- more than there is, is told so: the log went back.
-- Answers {closed: state}, {behind: head}, or {head, answers}, each of them one of {done: [[position, version, hash]]},
-- {earlier: records}, {stale: version, stream} and {fenced: epoch, shard}.
CREATE FUNCTION takes.append(_film bigint, _batch jsonb, _seen bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    _head bigint; _hash text; _state text; _before bigint;
    _one jsonb; _of jsonb; _event jsonb; _cause text; _answer jsonb; _made jsonb; _answers jsonb := '[]';
    _version bigint; _first bigint; _last bigint; _shard int; _by int; _epoch bigint;
BEGIN
    SELECT head, hash, state INTO _head, _hash, _state FROM takes.films WHERE film = _film FOR UPDATE;
    IF NOT FOUND THEN  -- it is a backup that is older than the film
        RETURN jsonb_build_object('behind', 0);
    ELSIF _state <> 'open' THEN
        RETURN jsonb_build_object('closed', _state);
    ELSIF _head < _seen THEN
        RETURN jsonb_build_object('behind', _head);
    END IF;
    _before := _head;
    FOR _one IN SELECT value FROM jsonb_array_elements(_batch) LOOP
        _cause := _one->>'cause';
        _answer := NULL;
        IF _cause LIKE 'request:%' THEN
            SELECT min(position), max(position) INTO _first, _last FROM takes.events
                WHERE film = _film AND cause = _cause AND cause LIKE 'request:%';
            IF _first IS NOT NULL THEN
                _answer := jsonb_build_object('earlier', takes.records(_film, _first, _last));
            END IF;
        END IF;
        FOR _of IN SELECT value FROM jsonb_array_elements(_one->'appends') LOOP
            EXIT WHEN _answer IS NOT NULL;
            SELECT coalesce(max(version), 0) INTO _version FROM takes.events
                WHERE film = _film AND stream = _of->>'stream';
            IF _version <> (_of->>'expected')::bigint THEN
                -- the very same append may have been done, and its answer lost
                SELECT position INTO _first FROM takes.events WHERE film = _film AND stream = _of->>'stream'
                    AND version = (_of->>'expected')::bigint + 1 AND id = _of->'events'->0->>0;
                IF FOUND THEN
                    SELECT _first - 1 + sum(jsonb_array_length(value->'events')) INTO _last
                        FROM jsonb_array_elements(_one->'appends');
                    _answer := jsonb_build_object('earlier', takes.records(_film, _first, _last));
                ELSE
                    _answer := jsonb_build_object('stale', _version, 'stream', _of->>'stream');
                END IF;
            ELSIF _one ? 'fence' THEN
                FOR _shard IN SELECT DISTINCT takes.shard(_of->>'stream', value->>2)
                    FROM jsonb_array_elements(_of->'events') LOOP
                    -- whoever keeps the film may speak of any shot
                    _by := CASE WHEN _one->'fence' ? _shard::text THEN _shard ELSE 0 END;
                    SELECT epoch INTO _epoch FROM takes.claims WHERE film = _film AND shard = _by FOR SHARE;
                    IF _epoch IS DISTINCT FROM (_one->'fence'->>_by::text)::bigint OR _epoch IS NULL THEN
                        _answer := jsonb_build_object('fenced', coalesce(_epoch, 0), 'shard', _shard);
                    END IF;
                END LOOP;
            END IF;
        END LOOP;
        IF _answer IS NULL THEN
            _made := '[]';
            FOR _of IN SELECT value FROM jsonb_array_elements(_one->'appends') LOOP
                _version := (_of->>'expected')::bigint;
                FOR _event IN SELECT value FROM jsonb_array_elements(_of->'events') LOOP
                    _head := _head + 1;
                    _version := _version + 1;
                    _hash := takes.chain(_hash, _head, _of->>'stream', _version, _event->>0, _of->>'at', _of->>'actor',
                        _cause, (_event->>1)::int, _event->>2);
                    INSERT INTO takes.events VALUES (_film, _head, _of->>'stream', _version, _event->>0, _of->>'at',
                        _of->>'actor', _cause, (_event->>1)::int, _event->>2, _hash);
                    _made := _made || jsonb_build_array(jsonb_build_array(_head, _version, _hash));
                END LOOP;
            END LOOP;
            _answer := jsonb_build_object('done', _made);
        END IF;
        _answers := _answers || jsonb_build_array(_answer);
    END LOOP;
    IF _head > _before THEN
        UPDATE takes.films SET head = _head, hash = _hash WHERE film = _film;
        PERFORM pg_notify('takes', _film || ' ' || _head);
    END IF;
    RETURN jsonb_build_object('head', _head, 'answers', _answers);
END $$;

-- A film moves in: it is there from now on, and nobody appends to it until it is open. Its number, and where it stands.
CREATE FUNCTION takes.enter(_id text, _name text) RETURNS TABLE (film bigint, head bigint, hash text, state text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO takes.films (id, name) VALUES (_id, _name) ON CONFLICT (id) DO NOTHING;
    RETURN QUERY SELECT f.film, f.head, f.hash, f.state FROM takes.films f WHERE f.id = _id;
END $$;

-- Records with their positions and hashes, of a film that is moving: each has to follow, and to be what was written. Those
-- that are there already are passed over: an answer may have been lost.
CREATE FUNCTION takes.copy(_film bigint, _rows jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE _head bigint; _hash text; _state text; _row jsonb; _version bigint;
BEGIN
    SELECT head, hash, state INTO STRICT _head, _hash, _state FROM takes.films WHERE film = _film FOR UPDATE;
    IF _state <> 'moving' THEN
        RAISE EXCEPTION 'the film is %, and not moving', _state;
    END IF;
    FOR _row IN SELECT value FROM jsonb_array_elements(_rows) LOOP
        CONTINUE WHEN EXISTS (SELECT 1 FROM takes.events
            WHERE film = _film AND position = (_row->>0)::bigint AND hash = _row->>9);
        SELECT coalesce(max(version), 0) + 1 INTO _version FROM takes.events WHERE film = _film AND stream = _row->>1;
        _head := _head + 1;
        _hash := takes.chain(_hash, _head, _row->>1, _version, _row->>3, _row->>4, _row->>5, _row->>6,
            (_row->>7)::int, _row->>8);
        IF (_row->>0)::bigint <> _head OR (_row->>2)::bigint <> _version OR _row->>9 <> _hash THEN
            RAISE EXCEPTION 'the record at position % is not what follows', _head;
        END IF;
        INSERT INTO takes.events VALUES (_film, _head, _row->>1, _version, _row->>3, _row->>4, _row->>5, _row->>6,
            (_row->>7)::int, _row->>8, _hash);
    END LOOP;
    UPDATE takes.films SET head = _head, hash = _hash WHERE film = _film;
    RETURN _head;
END $$;

-- A film opens, leaves, or is moved again, if it stands where the caller says. Whether it did.
CREATE FUNCTION takes.turn(_film bigint, _from text, _to text, _head bigint, _hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF (_from, _to) NOT IN (('moving', 'open'), ('open', 'left'), ('left', 'moving'), ('open', 'moving')) THEN
        RAISE EXCEPTION 'a film that is % does not become %', _from, _to;
    END IF;
    UPDATE takes.films SET state = _to WHERE film = _film AND state = _from AND head = _head AND hash = _hash;
    RETURN FOUND;
END $$;

-- Let go of what the owner holds, so that another one need not wait.
CREATE FUNCTION takes.release(_film bigint, _owner text, _shards int[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH mine AS (SELECT shard FROM takes.claims WHERE film = _film AND owner = _owner AND shard = ANY (_shards)
        ORDER BY shard FOR UPDATE)
    UPDATE takes.claims SET until = '-infinity' WHERE film = _film AND shard IN (SELECT shard FROM mine)
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA takes FROM PUBLIC;
GRANT USAGE ON SCHEMA takes TO takes_reader;
GRANT SELECT ON takes.format, takes.films, takes.events, takes.claims TO takes_reader;
GRANT EXECUTE ON FUNCTION takes.append, takes.enter, takes.copy, takes.turn, takes.release TO takes_keeper;
