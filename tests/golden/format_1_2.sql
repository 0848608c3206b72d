PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    cause    TEXT,
    schema   INTEGER NOT NULL,
    data     TEXT    NOT NULL,
    hash     TEXT    NOT NULL,
    UNIQUE (stream, version)
) STRICT;
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-71df-8a95-0209a8bae2fd','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','3356b76a97216d0f57158fc55fcea084b3c6f3f0e61935a56077b188c41d6c86');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-728b-bbd3-20b82aafda48','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','950b1faf05be3ecdf0059ab6e745f2e1b4e45516730bbac7e8edd760adfd20d0');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-7025-b777-b24cea65abd0','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','596c93b12b69094caf653346667e0d2ede9abd63dc48a67ea3987078a4483c36');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-71ba-9f4c-e9fc95a53eea','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','2d0bbca4afc6339f54db04298cefa1f38884be935f4d1a770a78b62f7e1754f4');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-7180-bf96-112368ade87f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','1f41e0e4c917c7a4e2c365bd4e5c76c671e5eff062ea734a193f35a8cd68adbd');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7256-97fa-c6db2d585d36','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','a2f0199b965423050960c03d69498e0be160f140b093f137ddc95d2befc6c0dd');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-7025-8eb6-e39a51601784','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','2bcc40cb5750dc21b0e0ecc1e1f16681a06a106abfbe4f83904f236bd8cee1c7');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-717d-af8b-395f178a3448','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','497a2483f82b2b69cb4eaeb63092b00ea5786c4cd1fe6acccd02fd180f28ca71');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-73aa-bb19-b344e80fcca8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','e8c6955e2a94254cdc5f6e5a5a1228d0c840356f30a9cde288f886fc52bb1977');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7370-b1c8-c8009a30a77e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','6730022edff8707485aeb430256613aa86335d2cff812d95dff7325da783b390');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7145-bec2-c632fc787398','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','37b05c95f19657f5d40c74d52933b7faf7dcac361c59f7dea546a5c671d11ce5');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7119-ac95-035988cf9466','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','849c6ccf792c7132f8c6029449bccb4920a1fff51b36329db9d7410f66bb8d68');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-73a9-ae7b-82fd537e4128','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','2ad51d42ad91a1a19de4a9115aa8942b41e5c6ed17194281da58419bbe22582a');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-70be-bac4-74665c7943f9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','d66c74fc0d67c93bf178355bd4dda40ab18ac9b56f5261dd7ad0961a0d4cbc92');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-72df-8e3c-499a535ce6d9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','09d61e2018b65652d64e6efa1a48d8c01dc3cffc8026c1d3dd0e4030a73cfa6b');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-7226-b35f-7f1f855b88ca','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','40c0710353eb9d3787c5c162c722016406dc085e57cb5cef9d69e5fe2bd14578');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7217-9577-cb0a81290be7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','9c3831f0bcb89d0a79f08c2e959a8499c08408793b2d446066b5414611f2e3a1');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-7132-b1f8-310a4e9e63ee','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','4902b47ab8d043e3dcf46c1794feed7cffdd15b0928482edcad92343d68fed6c');
INSERT INTO "events" VALUES(19,'01a20878-other',3,'01a20877-83e0-712f-a291-44872a37ed94','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-71df-8a95-0209a8bae2fd',1,'{"type":"take.deleted","take":1}','08749582e6f1db6bf6a6b658457e08b1c3ce929a4c42c3fdefa3dc6d37b6206d');
INSERT INTO "events" VALUES(20,'01a20878-other',4,'01a20877-83e0-7087-8353-ba27c0b0abfb','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','cecb48e7373e7e56d66436223cf8fda20f62243b1aa09733f715c105de73e807');
INSERT INTO "events" VALUES(21,'01a20878-other',5,'01a20877-83e0-72c6-942f-9b5aca29a35b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','02bd9d16d00446c03837f781d7fabf51bd6afef1a99126222638dbe0ac749e99');
INSERT INTO "events" VALUES(22,'01a20878-other',6,'01a20877-83e0-70bc-9cb2-00957294a39c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','5a2462dbb90db5e407b2e3747ddd5e98ebd7162822fa3138b36eec3122336f8f');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('2620d7f353c44576b2cf682fab8f10b6');
CREATE INDEX commands ON events (cause) WHERE cause GLOB 'request:*';
CREATE TRIGGER events_end_only BEFORE INSERT ON events
    WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)
      OR NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM events WHERE stream = NEW.stream)
    BEGIN SELECT raise(ABORT, 'records are added at the end of the log only'); END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT raise(ABORT, 'a record is never changed'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
    BEGIN SELECT raise(ABORT, 'a record is never removed'); END;
CREATE TRIGGER log_one_row BEFORE INSERT ON log
    WHEN EXISTS (SELECT 1 FROM log)
    BEGIN SELECT raise(ABORT, 'a log keeps its id'); END;
CREATE TRIGGER log_no_update BEFORE UPDATE ON log
    BEGIN SELECT raise(ABORT, 'a log keeps its id'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log
    BEGIN SELECT raise(ABORT, 'a log keeps its id'); END;
COMMIT;
