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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-736b-a4e7-8dc5bae26a6b','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','faa89bcf8ff23047d7653f739ed6b07695e8d148dfdb426a4699280a27dadf1f');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-739c-8466-0e7a0a1b4e8f','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','e153d647be60ce704b5547c4d2cd484efec7ae464aa8fbd7f3a88e6db49f4f77');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-728d-89be-7e3e15305013','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','579a64efc48302620ad5ae8254a0c6c9abb70233426b6f12c479331d7de5f5f2');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7061-aed3-0dc593747f55','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','d7c88e2dc0a7fc2a16ae1a73d9ec9366085df4dda1ea8fa944433093782628b0');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-72d0-bcbf-cc56bf794da7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','fbfe8020a550c2481ed8f76210343d373b4d45d09587a155711a3d686dd8232b');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7019-bec1-b2a23f9375ec','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','cd0b7823428724bbce534d2bab2f9482179379af20781273c97e457c3ea5df7e');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-72a4-bee8-9ff396ca3188','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','84053476e1ae2d67ec62a552b524d123a3c6b22fb77c4958d83814a4480296bf');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7302-82b1-2b9b9a81bbb1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','ed6cf06ac3d9d2c6ac87491f79f57b15476ca3ada3ce1dc915c82862f819ae7d');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-70bc-97ed-281fb3dfab2d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','ad1bb524eb5d3b346a8a29da7acdd5946b16e4a62b6b1a2c963931f8d38357ec');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7269-83d9-ee1f2b319651','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','2a84459d4ed5b38231915db5897a41ea2685f7ae785604bff5648edfc89a6b42');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7065-8df4-00b0cc254ced','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','41a5870aebb68b602e2feb27541c41ce3e4579fa32321b6af2185d9c92af491b');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-72c4-a709-890fd0d52cdd','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','419e24548c25bedc9a0572a17118d392a4fb16feb0bb33d7f32c2782bbc66725');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-723b-9aed-f68d95813a2d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','3d32c203b866df949726cea175ba93f0efec426fcd171c741616d871033f2d56');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-729f-8c50-b25630e284af','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','7327c83d24be2491b7e57c7b0073da67f538471ffd1c0aa68e2e8e2b8c33d1c1');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-72d7-b9f9-1ba8d0052a9a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','22e33d6fa80c724f4c89f5f3c0029a5be86338ccaabb0d57f044e5ae85c7522a');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-73c1-b167-307ba6447fb2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','5f6e5dc0730db0a3761c26225ea53ddea34cacadc70f71b673e9934a11891c35');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-72ea-9550-82c9c358f572','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','1bf89eea9573b8b74b83c3d77691fe5b4294cb130cb2e2e1ec0609411a539c63');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-7263-992f-88f69a2a47f9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','bec8dcffae3b51c5d59d138d8b1f4bdcb8354c29e0ea9379179aad6598376120');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-7347-b54c-3614966a0c17','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','0fc714b86b54d0f75ab2c7364f28a7b2c15341157e0fe469c96711cff064141a');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-7101-87a4-a57c0b8422d5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','60461bf5e1f483b03fdf44346eacb8275a7cdfc000acdf58cccfc44408968dce');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-7254-bbd8-9ce12f224094','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','250d59fb442ccf4bd11b026c1b949400c8105db5a1f676abf9cdd0c11e1e58c7');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-7285-9bfb-12737ff12d34','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','02de8197f0e9c570243e2f57e8493cf80157e94f26af327d3de679555041d634');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-7065-835e-bfa6e0f746e9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','59130f06ea2f3bbd480d3cd8744b481c42fcda2c4a9af7e6b449f6546b2c6e65');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-7314-973b-dec6f61723aa','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','b3ce0744c0b4b69d96f07aed05a685aa325a806853489c790f5ddb7c2627c945');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-7152-9852-0c8b85c4fabd','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','dbac8238e11a020426109941ee7b13d6f0165020f56b92154cbb41f403d4d278');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-7285-b2d4-338235227cca','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','888c57025cf2a125718b85788bbdc3eac1134196b47e56d8c53a273776527b2e');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-723c-9ceb-c4ada8ce30c1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','7398effbaa93f97721cc1a6830681cef01a4ca8db02d14111adfbc7b9ac36b5f');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-70bf-8621-b5048b0c62ca','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','d10f5aceb7386108073f96c2a8b7366153e2a6e754087b1aa5c2c23f473a122a');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-730b-b490-9a39450f12a1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','75167185f4e8d6c1d6b984ec22d3dcd4cc6a0f34fba7bb769d481212d04a05a7');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-72f9-b5fc-2dcb5bb678e8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','385ec78d638d7acd2bd55ce0a9004e33824ead3c381f5a138471ed53d84de25d');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-70e6-a012-7f1c68c3216d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','c63b25325c04821b1c2927923781671b08b0f1c91017bfeabd2b16e5661f8b7e');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-7229-b017-b6f9be1f2ede','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','566b31a024cfdba80c78188724b35bc76b4d7fa1673d0aa93446486a0a3786a2');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-7393-945c-bbe56a3c961a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','47ab327c96df095a6fe94e665c8ddeafe145903015c14dc7a24976f718f1e554');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-71ee-ac49-5677a408b046','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','85312d2bc5289e08707e72d6b339e0e5eb9ff0a90481d183652af2104f37bdb2');
INSERT INTO "events" VALUES(35,'01a20878-other',3,'01a20877-83e0-7247-a5d8-cb36ceaaeb98','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-736b-a4e7-8dc5bae26a6b',1,'{"type":"take.deleted","take":1}','9b2dbfcd0de4eec3c8cf916af8eee8858f374b2aae31eb37918278816907f44c');
INSERT INTO "events" VALUES(36,'01a20878-other',4,'01a20877-83e0-7365-a317-e63927c28e2c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','e4695673ff5eea5310a45d2bcd8561d1176b29e9ed300a56c7fc5589c338ba93');
INSERT INTO "events" VALUES(37,'01a20878-other',5,'01a20877-83e0-7253-90b4-9ab1429d93f6','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','dd5f396a12909c42b1d5f091a0072df39b27d50dc24df2d943a36c20c78bfd3c');
INSERT INTO "events" VALUES(38,'01a20878-other',6,'01a20877-83e0-70bd-a87e-d55ab157372c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','db5bb9f2258e3403b3426ddf5c65d94e0b53d5d7ff2d418c2bf302eca30d6915');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('310b21b7c26849f3a807a614a6f1740f');
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
