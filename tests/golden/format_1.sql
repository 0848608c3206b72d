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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7152-a7e1-03f473f5ad00','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12}','44c205c714c7fe4326e9e717e03fe054ca19bac2c2ff662e23dd1968c02dcb34');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-7197-9f8e-90d7f1116707','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','8ddb42d7e85ee7251be3fc1b0f8bd362690645f541faa39c3982c227b290354f');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-705b-b43f-ddb9d153c797','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"}}','d02f1b213a09867c488d438d1941ffa83d5317fb0badbf338a435f2e394bfb69');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7024-a860-5ddad63eaa19','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','34cf00166185e63b664f89984939558bc162bbe566914e8c342ac944f1394a2b');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-705d-aafb-6a2bc599d3e0','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','065c7acf30bb32b1ec80f97b2d2c500d54427c359a01ad37a2e10255fc63d2bd');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7397-a301-12e98ea898c4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','308be2c426a00276abe0c2ddf1ba99ce83ef15a743546739adf2d2c71a806e28');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-7150-8051-00e2d9a11a99','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','382b944749f905398c4837f4d8b6432d0b9761c82d47201ec71d2fc69c8044f0');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-70e9-9812-77b01f43378d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','48eb10f97b33909d0537cb2400592f303050e57dd73fa7e4d8a1c5d423e7700e');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-711d-b8f8-bde4cffd8e92','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part"}','a0a0580e771b1e297732e5aad509212a60dbef08ee2a668d25d17785f9ae8989');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7047-82b0-6664c0890df7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007"}}','cd146bea3d966f44e406dd5ca1a3dd6826b7d52a178630a19d0ad7fd7d441289');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-725b-9783-e557a4900c00','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','837ff69848d24662315f0e51554899b57e934202c6b7e65d75600f190ac9a06e');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-709c-a1d4-9910d262fdae','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','57762cc303ff2f30a32d93ef7ed39f3187133a21e87de1a3effefe7ec5bfc663');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7147-9cbb-be3c10af1c98','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','a17295a72e6c7de5b7cac08b8fafde439ea505893b42e85ee649e22c953755c3');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7288-b688-8209f2539581','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','5d9080a025baf2bfc5189f2f89e426a223dfd2e4b73a9c8e6f985bba15d34a29');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-71a3-afc0-ee7033b3e543','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','a03ad04f3b34f8ffec059224176dca9e533c5d3453385bd5dbbfd64774b51b82');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-7326-8ef7-ca8e5df59407','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77}','f7033c50d42a1d2318fd835230e32496fd0bd63891b4bdd631e3ae2385ee4ac0');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-73cb-a952-2e08e20f989a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','3315f45a56e86b8ddc440466031da4ab3d9a2f38e5e4131f4496c3ab0b56c6cd');
INSERT INTO "events" VALUES(18,'01a20878-other',3,'01a20877-83e0-7007-87c7-a718d67f4208','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7152-a7e1-03f473f5ad00',1,'{"type":"take.deleted","take":1}','fc39b673cf2100d0dfec17043d5c384ecf7b01d7920274b7e23c978a478e94b0');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('e6c03342c4ad49d0a7c71a5da1a577fa');
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
