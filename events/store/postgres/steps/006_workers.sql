-- Workers say that they are there, so that whoever asks for a take hears of it where nobody is.

SET LOCAL ROLE takes_owner;

CREATE TABLE takes.workers (                         -- where a film's takes are looked for, and when that was last said
    film  bigint NOT NULL,
    host  text   NOT NULL,
    queue text   NOT NULL,
    seen  timestamptz NOT NULL,
    until timestamptz NOT NULL,                      -- when it is to be said again, or nobody is there
    PRIMARY KEY (film, host, queue)
) WITH (fillfactor = 50);

-- A worker looks into these queues of the film, for so many seconds at least.
CREATE FUNCTION takes.stand_by(_film bigint, _host text, _queues text[], _seconds double precision) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO takes.workers
        SELECT _film, _host, queue, clock_timestamp(), clock_timestamp() + make_interval(secs => _seconds)
        FROM (SELECT DISTINCT unnest(_queues) AS queue ORDER BY 1) AS queues
        ON CONFLICT (film, host, queue) DO UPDATE SET seen = EXCLUDED.seen, until = greatest(workers.until, EXCLUDED.until)
$$;

REVOKE ALL ON FUNCTION takes.stand_by FROM PUBLIC;
GRANT SELECT ON takes.workers TO takes_reader;
GRANT EXECUTE ON FUNCTION takes.stand_by TO takes_worker;
