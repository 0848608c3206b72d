-- Hubs: machines that many people come by. They say what a desk may say, and who may see a film, too.

DO $$
BEGIN
    CREATE ROLE takes_hub NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- of another database of this server
END $$;
GRANT takes_desk TO takes_hub;
GRANT takes_hub TO takes_keeper;
SET LOCAL ROLE takes_owner;

-- The same as takes.append, of what somebody has asked for: without a fence. Who may see a film is for a hub to say: it
-- knows whether whoever asks may say so. Who calls is the one who has logged in: this runs as the owner.
CREATE OR REPLACE FUNCTION takes.command(_film bigint, _batch jsonb, _seen bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE _data json; _is_hub boolean := pg_has_role(session_user, 'takes_hub', 'MEMBER');
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_array_elements(_batch) AS one
               WHERE one ? 'fence' OR (one->>'cause' LIKE 'request:%') IS NOT TRUE) THEN
        RAISE insufficient_privilege USING MESSAGE = 'that is for a keeper to say, and not for a desk';
    END IF;
    FOR _data IN SELECT (event->>2)::json FROM jsonb_array_elements(_batch) AS one,
            jsonb_array_elements(one->'appends') AS part, jsonb_array_elements(part->'events') AS event LOOP
        IF takes.is_wish(_data) IS NOT TRUE THEN
            RAISE insufficient_privilege USING MESSAGE = 'that is for a keeper to say, and not for a desk';
        ELSIF NOT _is_hub AND _data->>'type' IN ('access.granted', 'access.revoked') THEN
            RAISE insufficient_privilege USING
                MESSAGE = 'who may see a film is for a hub to say, and not for a desk',
                HINT = 'Have whoever looks after the database run: GRANT takes_hub TO the user that the service names.';
        END IF;
    END LOOP;
    RETURN takes.append(_film, _batch, _seen);
END $$;
