-- Shares: links for guests, which open at every hub of a studio. Of a link's secret only a hash is here.

SET LOCAL ROLE takes_owner;

CREATE TABLE takes.shares (
    film  bigint NOT NULL,
    id    text   NOT NULL,
    key   text   NOT NULL UNIQUE,                    -- the hash of what a guest's browser shows
    said  text   NOT NULL,                           -- what the link is of, as JSON
    until timestamptz NOT NULL,
    PRIMARY KEY (film, id)
);

-- Have that link lead into the film for so many seconds.
CREATE FUNCTION takes.share(_film bigint, _id text, _key text, _said text, _seconds double precision) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM takes.shares WHERE until < clock_timestamp();
    INSERT INTO takes.shares VALUES (_film, _id, _key, _said, clock_timestamp() + make_interval(secs => _seconds))
$$;

-- Have it lead nowhere; what it was, or NULL.
CREATE FUNCTION takes.withdraw(_film bigint, _id text) RETURNS text
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM takes.shares WHERE film = _film AND id = _id RETURNING said
$$;

-- The links that lead into that film, or the one of that key into any film, each with the film's log.
CREATE FUNCTION takes.shared(_film bigint, _key text) RETURNS TABLE (log text, said text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT films.id, shares.said FROM takes.shares JOIN takes.films USING (film)
        WHERE (shares.film = _film OR shares.key = _key) AND shares.until > clock_timestamp() ORDER BY shares.until
$$;

REVOKE ALL ON FUNCTION takes.share, takes.withdraw, takes.shared FROM PUBLIC;
GRANT EXECUTE ON FUNCTION takes.share, takes.withdraw, takes.shared TO takes_hub;
