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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7080-9f07-2a9aeee28f18','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','43f03fb211d8f4b7625b0e1906ae62942b8449ef5f6810dbd929f95ccb2f0a71');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-704e-8379-fe697645c6e2','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','13be2ee6bdccbfd59c64ee7bfa7fc0fdeec413854706b2df5c9fa3c021e3fd72');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-7250-b948-808d75459cc8','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','3098ff1271c3424f906a976dcf3d83f66b9dc9db595406df16d8b08314dc1b48');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-739d-9e26-1e925660ed14','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','a15f82c4f0d0480ba30233318568e037d48dcb48efded98ac021ee2856d8e587');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-7170-81fe-413c905c9ba2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','30f663264ad3ff7afcb4684a509a08960fc7edfdb06b17981fb7675c2a77881a');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7044-b5e1-1b9bcd493498','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','ba69630dad35c19e1ff3f8d7ab32b677b75ebb2ed219a3bd77c3e48174d5c042');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-7052-aeb9-9715e318f27c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','b600b84f3429f1bc2dd822f0ce57b457585f7a8c1fbada333683c4f8538b6da8');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-73ef-a6f2-3f8cbb3ec779','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','858fcbf8dc1d14991950a8439849b9c29ea4ae68ed29cc04f8ee69ab16592d4f');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-724f-ac7a-1a1d8656116e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','ac51ce34895e80a997f69b75837227af4ca5ab245de8b5bb8e556183fbec9055');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7102-b9b5-d3f342515a2c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','245603c746ff3a0f3f1aeef8d6eb3d5bb357d6321c081a17b3087d083ab24b61');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-73be-b08b-387b8cefac02','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','19d5e24b36fa2f248213df32110135ff799bc2fa1b931070fb988274bc357eea');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7180-8cc7-b684d50b3d1b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','8146dd7dab6cc8e2da9aca3c8ca50d075334d9d86cfa71151eb58a4fdb77da03');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7059-a6b2-1b3c08ffb2ef','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','575d6e4f77bbde7348b846d6c3ada3eece6184155e785ad1f87f83a99a37a949');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7264-a30d-fc188976b035','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','e8e6a494f64cfe773eae200d157c20c23d63619c5344dda8b3aaf826cb053da4');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-702a-accd-7c27d3f673ad','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','8d91d02a3bd54468f7c3b1b878c8dfb10924845cc5b66f5cdc1f96808469deb7');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-71d8-af9b-f6fd6ac94020','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','fefd22a2df79d8ada3d91f34d2cbc0f11bfcac85a44c8b6ea7a79087fa656dae');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-702d-8e6f-1237385ebd2f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','373a16426599251cb039aaba6cbe516a7f19907dc616970e6ab74dc834272eeb');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-706c-8215-6323daa1b40f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','111f4291be563a7557c5dc8efdf41fd3fbf106d296fdb0a772549d033f0a81d7');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-71da-bdd1-e2daa3ee02b2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','5a1daff6576fb2d0e53a49278ff63a4d53f2c5cfbf3c185a12d890853a5dfd32');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-7278-8361-1524eff820d1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','3abdbe995018754497a22e9ad79b764a12d2176e4491ec11791ab323e1010cb1');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-70e7-8958-03c830827c79','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','83fd5bf299195683b3a2974d9470e3572efabfcca027815640caf6383d608181');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-73e4-852b-7c709e30cde3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','a46562928915d55a8eef309e907621bc45213f680f523666f2d3eb6667179c4a');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-72a4-a7fe-f922a4a2b53e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','ed508c94e74a3e48bacb2d432de24e999a103061774fe779e44d54ce03e1e09e');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-71ba-b2bd-61459b34f3ec','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','289b95876842e48f2589488a01ff8c73e2d47ad086202e81e82f8438c9bc222a');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-739e-afb1-44512e56df70','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','d41366f8e6b703d26aede002a9cc756e629be5d08684764cb8681cab2c281d05');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-70c5-8a0a-5ace2a278d2d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','c8f5e8b130ef6eaac9dd06c19509ce191d41a1bc0f3adb96955076b10f57eac2');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-7009-9afc-3e87a7980426','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','4d2136a9ee6f6140198cd359be3695a48d9eba6ab2b60b21c19b3133d8013a97');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-73a1-bc66-6ca1c5b0d14c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','9a5f5e028e713026f0af13ccd19e52332ca55f2780e2d95ed792c52377c6c006');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-726e-82ff-a2f26073ee78','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','741e692222161765755428cdf8841ba515adcb84825adb54e93b48e8f9a0f010');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-716f-91bd-892268c49994','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','3053a8f497fbca74608f8d8627a92e75acc952db48caaf029d320e7f9232af57');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-71f9-89c3-6a7d60ed063d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','7972f5efa5829caf8a357a44dec9c1cfa2d1133b4a43a00a59bffd06b31da8b3');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-7314-b1d7-7473cc0461a6','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','75228be0a421ff0355270f9fb76767848ef8e58642b4d0a25cd9b0bb07facbb2');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-739d-a5f4-26f51c498a75','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13}','6a96a5f2f8ac7f60c9b1f11e358097a01164d475b87a0852073e3ab926558de4');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-7298-9833-0332603836b2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','6dba7eab8a1e0ce990b2f4cfd96d07dfe9e0e57a48c1da8aa1ffb72453d3d7a4');
INSERT INTO "events" VALUES(35,'01a20878-other',3,'01a20877-83e0-72e7-b570-511854f54bd1','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7080-9f07-2a9aeee28f18',1,'{"type":"take.deleted","take":1}','91dd48850114eed1bb446505bf107fad2a23a6ad8263d647aab1f7c96f3ee159');
INSERT INTO "events" VALUES(36,'01a20878-other',4,'01a20877-83e0-73a9-a14c-0b3c36f3edcf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','e60c70117caffb8c9d4378afa65632e468a11d889f09a446dd8c0ab2f2088a07');
INSERT INTO "events" VALUES(37,'01a20878-other',5,'01a20877-83e0-71e5-8e84-6fe32758085f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','feaa155a3c48d42c609d27a324b2a40d2857edede257844b659da7c6031ed1ae');
INSERT INTO "events" VALUES(38,'01a20878-other',6,'01a20877-83e0-71d7-aae0-1b3b10ce26fb','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','999e608ba5370fd67c72e7359f106336261c07ffb9d27eb751d8ac0c0a4a5b3d');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('e08ccb7f4bbb4e299f69a02a2ef4e797');
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
