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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-731f-bb41-992cd3ac048e','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','fe02b606dc2e31e59066727a054bc64fed88befa4857213ab0ce8fb23b449c8b');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-72c1-bad7-0672bda0643d','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','eb53a7a14f1f4410a0cbe73ebc029820c0c4a4f137abc1fa04085947fe24a742');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-71b4-b515-3687b655b1f2','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','349787138d43abdd7ee411912bfeeec7e15c81998d74c0319a740287561ec3c1');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-707d-9df1-4cf08bba4266','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','b4792e1b550a287405296046c7a91bd51b16472f725f415e50103cb2143c0ffb');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-7276-96a9-c1d8e8867af1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','4a6f4664cdf87c0fe4752daf59dfebac2aa6525b5051eeb970597a43bea5aa0b');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-70df-822b-24cffbe18789','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','3902340874569f30d336b7b2eb479e870c446386ab5d7ffd675bc45b05de036e');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-7017-9c7b-864ee32e9391','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','da74bca1dd20bfd4697dc104ceb567662e5b52758863bc6ad6a370de365860f4');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7062-a5e0-f5af8f0e039a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','31daff6e8fdd90200a6e64ef6c77295598dcb27422c260abf03612f49676e5ec');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-724c-90d6-3ab77039dc73','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','d18459b2216d8ab6b97a24dfeff70c9bfbf2fbe7c43133c91ec641f84d296402');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-70f0-9c2f-404bb745526a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','343f9bcf613ec30c57dc5af3bbc5897e1563d48ed7b9f202bcaa658ea17ae6ef');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7186-9875-ec0e76dcfe96','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','04cdf8126577443bcae043a569a81b3cb6f0d2695982a14a10653f2c5f7a3c1d');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7317-995b-2400358ea845','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','e25d1bb0055762acb523db7e6eb6353deb15e623c216c506d3fd1b4637010966');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7037-8fa8-8be5198aff39','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','3bd1856b8cc7578dd044e26779c1ec17489f747946049a19e89d1a75f18ad4eb');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-70b8-876e-04ff9928b9db','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','61eff548b63ac1afbbc88f9e9936d4b8e3bc1eb9c4edbe69d714b093c225f9d4');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-70c5-8f7f-3e86d3290327','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','c76ed58b25964b1b25d973603e71a74e9e1c977438fe7c466845d192afd95d1d');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-7342-b307-91bf7a2df754','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','baed6e5955f2e80b458bb51b846db817649a9e7127eccc6d15d972190c581ac7');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7388-86c9-de0bc4fd0586','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','e837399e55431eea1dfdffdcbc9f1bf77786a5d086a57a9a63f4672d756b4c03');
INSERT INTO "events" VALUES(18,'01a20878-other',3,'01a20877-83e0-7359-ae1d-d4dd96ac0533','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-731f-bb41-992cd3ac048e',1,'{"type":"take.deleted","take":1}','9c47cff4d5507f2dfa23667b847319f52221a784770e45a920a11fd3c9497d49');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('c623031195ae43ed9d292fca068740d2');
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
