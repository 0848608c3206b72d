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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7148-95b7-3e5a42a30abc','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12}','e7cbbd0f4cc5e1fda27bc69f776e634d2d7293c0d383bb9311fb4ae7ab0d9779');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-732b-b7d4-74ee3479755d','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','368805abb6ce5ea88281ced1a9413f2d9854a1907d1ee483fd46d00a722fb4f4');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-73ba-8243-5e143b0b42af','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"}}','6ddf4140028418c4fcdcd875d8d94024687beb2f6ebfc821c6973709355d5eba');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7084-ad79-ae19eed4629b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','9bc7655d081c43bcc3016552961f5bdaa6558c4bf80976adb0b9506bd1b3e1d3');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-72eb-9d28-c29ff8c019d9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','ad0670c084966116f8079254a42585b8ec93388d3735fcf5ecf0967f75762a01');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7258-ad8e-be940bf4782c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','cec5740baed5da686409d8b6b815d7c97c431efc28836aa7fd729b5791beb79d');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-70ae-9338-0da6c940e3b7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','78fe86b59b7d7246ee5691bce892c4bf8c90e57fdc29b1f6c39e6261746aad16');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7396-860a-63d5a71e3cb3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part"}','8f4e8e513e9fd0c9da44e12fc7e58cab314b8bce5abc8515cfce8013b0dcae04');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-70a9-aa02-e29a7789694e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007"}}','ee9e73626d82b29d1c559e7253572c43e04ce580126368309493f7e99eb62391');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-700e-a5cf-2719adb78fbd','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','7dc0c922c5a9102b76c0a97e8f961c682ee3b0f9d88b7330a92f90b0707d510c');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7075-9d20-09a50b33440f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','2669008a7780a28249676763b0b746438a186c83c1bf1e45b2cc4636303f640f');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-73d4-8f06-20c51bd38508','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','ebdb30f2dc0a39ecbcd84bc1ccfcbfbc4da2656e69035e4220a07a3cc721556c');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7379-8d8c-9d5faf7f1cc3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','476744d11d9cc5afc3380eafc856faa24dac61967825b776c986ecc74618b3de');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7204-9310-b8e93c611333','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','b429a52a762165a61f4df81aef1582107de66f3c0c7c9966141e83afdbcb1634');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-70e0-b140-de8dc66b6c13','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77}','85dd7aba3ceb59b2b16b72be7130110315d7ec669ad415d8f67865680edc0329');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-722c-af5c-185cfec23104','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','5bba28efb6ccac268fb6621310dac0cc6e357226c13bd4fa33c6ad04da9c5a92');
INSERT INTO "events" VALUES(17,'01a20878-other',3,'01a20877-83e0-704b-86cb-e1d859dc2cb5','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7148-95b7-3e5a42a30abc',1,'{"type":"take.deleted","take":1}','8f515e6ae40267e8eb555f65a39fdd9065ab589b4a45a91576606d1201d23536');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('bbff0fe0644d4d63976c2f32fd000b2c');
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
