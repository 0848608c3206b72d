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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7241-8f2e-967b4e7aab08','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','4a884dbcb7a54159cd41ecc4c78582652faea3abf920aa6cf07327f2529e3cd8');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-7276-af27-069186f1d781','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','6970324605cfcb808177652d6277d13ecffa76f1089f1f519b5137865ccadf90');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-7270-8280-25cb664554a5','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','9ec54359073094e945aebda702ad850325f4b9c474fdda7a5c63afcb082e24aa');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-726c-96a8-bb7ac9b9fd81','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','baf18ad871815f415365584657afc960a8b19071f285c259efc4701769c9bf32');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-7391-9e55-972151f91a37','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','4209d5a38d1a27c04ba55ea8b2dece7205c49b2fdcd54b696d5942b5ea892d08');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-73ca-a100-ea1f844d10ae','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','aded079e1c0b3e95d10ecfec51bc57ea2caeee1651d509eddb44d1d7c7de7086');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-73a2-bd06-e16575356064','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','8eb35a2c6cbc5ab1fc29a9829b8e7c2f53c72238b949ef0f14732cc4fb4f456a');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-714b-90ec-ee2acd976ebf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','971160f232f5177be4931456362a1c58c81949d36ba7440f13bc9f782b9453a1');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-7395-951c-fd5e94476006','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','059ae0b8cde1bdbe38dca48d5e45c8e9b330ab2f2c78e6a315f8d1ad9199723e');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-71a3-86b6-667de088cc7b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','af48d5596999657716f56dcdc4575f4a32b0bd4085295cc900830ff8b7e93bab');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7219-a0be-f6cc6baa0d5c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','23eb90831296bccd7b0b0464c1ba5aa338b69e44e06417ae40e2bb16eea58a56');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7155-b53d-23d6c36e0cc9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','6f30e72cd69388488fb807983b191dd499c072e023fde4d45bbcb25218ba1d82');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-71c0-9df5-f82fb68386e4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','2e947fc3c14b5469a7ebe3d92761945e79e23a876b30020de17636f26b08ca86');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7021-90a9-8277d1bab14b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','8b02841f1da1865a8c0c386cd8b03494c0611db1809533298042fb7d7090ed1e');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-73c0-81e5-344f89235eb2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','4d2a2fbd2c3ab510ec715d8358dc5d2356457a77623446146eb8791d1db1bde5');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-709f-9ff6-5ae4189682b3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','c205b51211b63eaedc87994a85b81b2087e411e23f81393572150e096f69f8ac');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-729c-8d39-40087249a18a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','853fea8d4eee83858867599a75201bb537fbdb4ad1cfb33a00813226f0a13260');
INSERT INTO "events" VALUES(18,'01a20878-other',3,'01a20877-83e0-73ca-a695-8a4fbab7512d','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7241-8f2e-967b4e7aab08',1,'{"type":"take.deleted","take":1}','dffb0907d25d5df46d7756732a3f3f6613dee715cf3684d983d7ae8c24f2e87d');
INSERT INTO "events" VALUES(19,'01a20878-other',4,'01a20877-83e0-703f-b982-5f8ddbde494f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','6bd5f47786d3f207da7c5eff872da6756eb9fc596c7afba6aa02580d6fd2495a');
INSERT INTO "events" VALUES(20,'01a20878-other',5,'01a20877-83e0-711e-9d53-f187a2bc9090','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','641ad43e4a5a9952126b2354c5b2db78edbe92725c8bc11936cf3083b3741d3f');
INSERT INTO "events" VALUES(21,'01a20878-other',6,'01a20877-83e0-7301-a526-8530c997bbef','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','51953467b5d90be0a61d36bde10ba56900f0679fc5a1259c31cd9d20e794984b');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('61bdbce55c6f46deae9423b00d54f554');
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
