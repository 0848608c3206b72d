-- Keepers: the machines that do the work on disk of one film together, each for some of its shards.

SET LOCAL ROLE takes_owner;

CREATE TABLE takes.members (                         -- who has the film open, and when that was last said
    film  bigint NOT NULL,
    owner text   NOT NULL,
    role  text   NOT NULL,
    host  text   NOT NULL,
    seen  timestamptz NOT NULL,
    PRIMARY KEY (film, owner)
) WITH (fillfactor = 50);

-- Up to which position the owner of a shard has set its active links right.
ALTER TABLE takes.claims ADD COLUMN links bigint NOT NULL DEFAULT 0;

-- A keeper is there, goes on holding its shards for so many seconds, and has its share of those that nobody holds. Of
-- those that are `_right` the links are so up to `_links`. Answers {keepers, head, shards: [[shard, epoch, links]]}: all
-- that are its own now, and how far the log has come at least by then.
CREATE FUNCTION takes.keep(_film bigint, _owner text, _role text, _host text, _holds int[], _right int[], _links bigint,
    _seconds double precision) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE _now timestamptz; _until timestamptz; _keepers int; _mine int; _free int[];
BEGIN
    INSERT INTO takes.members VALUES (_film, _owner, _role, _host, clock_timestamp())
        ON CONFLICT (film, owner) DO UPDATE SET seen = EXCLUDED.seen;
    INSERT INTO takes.claims (film, shard, owner, epoch, until)
        SELECT _film, one, '', 0, '-infinity' FROM generate_series(0, 15) AS one ON CONFLICT DO NOTHING;
    PERFORM FROM takes.claims WHERE film = _film ORDER BY shard FOR UPDATE;  -- one keeper at a time
    _now := clock_timestamp();
    _until := _now + make_interval(secs => _seconds);
    DELETE FROM takes.members WHERE film = _film AND seen < _now - interval '1 day';
    SELECT count(*) INTO _keepers FROM takes.members
        WHERE film = _film AND role <> 'desk' AND seen > _now - make_interval(secs => _seconds);
    SELECT count(*) INTO _mine FROM takes.claims
        WHERE film = _film AND shard = ANY (_holds) AND (owner = _owner OR until < _now);
    SELECT array_agg(shard) INTO _free FROM (SELECT shard FROM takes.claims
        WHERE film = _film AND shard <> ALL (_holds) AND (owner = _owner OR until < _now)
        ORDER BY shard LIMIT greatest(0, ceil(16.0 / _keepers)::int - _mine)) AS free;
    UPDATE takes.claims SET owner = _owner, until = _until,
        epoch = epoch + (owner <> _owner OR until < _now)::int,
        links = CASE WHEN shard = ANY (_right) THEN greatest(links, _links) ELSE links END
        WHERE film = _film AND (owner = _owner OR until < _now)
            AND (shard = ANY (_holds) OR shard = ANY (coalesce(_free, '{}')));
    RETURN jsonb_build_object(
        'keepers', _keepers,
        'head', (SELECT head FROM takes.films WHERE film = _film),
        'shards', coalesce((SELECT jsonb_agg(jsonb_build_array(shard, epoch, links) ORDER BY shard) FROM takes.claims
            WHERE film = _film AND owner = _owner AND until = _until), '[]'));
END $$;

-- A desk has the film open.
CREATE FUNCTION takes.attend(_film bigint, _owner text, _host text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO takes.members VALUES (_film, _owner, 'desk', _host, clock_timestamp())
        ON CONFLICT (film, owner) DO UPDATE SET seen = EXCLUDED.seen WHERE members.role = 'desk';
$$;

-- Whoever that is goes, and lets go of all that it holds.
CREATE FUNCTION takes.depart(_film bigint, _owner text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT takes.release(_film, _owner, ARRAY(SELECT generate_series(0, 15)));
    DELETE FROM takes.members WHERE film = _film AND owner = _owner;
$$;

REVOKE ALL ON FUNCTION takes.keep, takes.attend, takes.depart FROM PUBLIC;
GRANT SELECT ON takes.members TO takes_reader;
GRANT EXECUTE ON FUNCTION takes.keep, takes.depart TO takes_keeper;
GRANT EXECUTE ON FUNCTION takes.attend TO takes_desk;
