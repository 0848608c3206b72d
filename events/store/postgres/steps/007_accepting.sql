-- Desks say of a failed take, too, that somebody wants it complete with its file as it is. That it is, a keeper says.

SET LOCAL ROLE takes_owner;

CREATE OR REPLACE FUNCTION takes.is_wish(_data json) RETURNS boolean
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT (SELECT count(*) = count(DISTINCT key) FROM json_object_keys(_data) AS key)  -- or readers might differ
        AND CASE _data->>'type'
            WHEN 'take.failed' THEN _data->>'why' IS NOT DISTINCT FROM 'cancelled'
            ELSE _data->>'type' NOT IN ('shot.registered', 'shot.moved', 'shot.recovered', 'take.started',
                'take.completed', 'take.measured', 'take.joined', 'take.superseded', 'take.purged')
            END
$$;
