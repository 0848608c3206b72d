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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7003-b9a0-849c8e182e3f','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','72c9f6031f1c0ffa6e0d224b5eab75d09c559166b76d9760d81faf9e4dca711b');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-7231-8712-8cd3f670059a','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','7900b15ed3f2a26937f661194124adb311b681a994e751eb9a2d2c669cdad04c');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-71ac-9e69-5bb0bdca5987','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','e4098e3c7875a06b61da03ffd2b4d611bfec916226c70753bc473b59b5b3727c');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7173-b1aa-d8cd5209e265','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','33d4938504937b19914260e23e374f875cc74bd050e262ed6478cb698405ae5c');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-7148-8e24-a9d764380d6d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','dd686d020294ae1b7042394584c04924485f590708101d62ec8b2e47a264f999');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-70d6-ac17-10a9ab326a18','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','aae4f5c58e7dc41b62ac1f9e7123bd047c6f3c624810542b932fad40a643e9f2');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-73c3-ba14-41c14e95de06','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft"}}','dc75e7c8eb037f430efd777287c82bab9af4fbb466c8929133facfa4b6d3404a');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7076-93e9-66df1b734c1b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui"}','4251b6ea4f045d83369948ef00ce398400284d795e984b705c429df14e0cb976');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-7386-abca-16ed3a4453ff','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','bbadf3f584995f956fa33506400faeb52c6d648269f2d22d1d5d44681c300dc4');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7065-91fd-2db688bbb492','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','0222f1085070a8d60ef398a164cedfe0d9ad1662bb7aad056e66077ceac26702');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-71c2-9122-c026d3ce2437','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','5e67e6b70353bd57459e96d09a23246358963421c53ec5ab6bfb162c436a4aac');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-729e-9edb-710cbe39ef63','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','535b71b91ef27e40affd2477d5e9083dba74fe37cfe52eb9f41f06d6f94015f5');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-730d-9cb3-386c11f011fa','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','c80919fd5f22066c7d733d3be04e68e487d2e80c06d712af436cae5f8d8a9b89');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7015-acc0-a0e5d318f267','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','6b32546df97c92309844cb6bfdec23cbe8e97ee27cab61cc091f4a43d0e2bce2');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-71f6-a841-dc4cec7b11d7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','168400dc6d1534ea788d9c6c565c2192890fc451d143592872883d6a6a09458b');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-71cb-875c-55473b4647bf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','b5c21867434247506d2493232d9dae237a0752b39a3b078707afddd73eeab77e');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7091-869c-15c106a12b14','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','9f7fba0d483ef98c87f16f39ac0463a073e921cdfe869770c4ac458aebe566fd');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-714b-ac00-0d27d270ef0f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','2199387aa5cebe6c7f29da6510788812a1d90f88abc65ec82f6f195eb8f66d25');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-7283-88ef-6a022c581737','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','35de00d732ca3cba4861024500ba10d7fcc648a5461911d599f0133317d02fb7');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-73c1-a8da-ba7385eb2666','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','52c1195265687922dc019575059d0f1c8a2579ed35e02e984cd9f7a07b925409');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-71f3-83e5-c579f52469d3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','e558147a16e14386c9855abdeb4a8a368c8d4dc49240e524bb4b66048da1e6aa');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-7331-9fb4-c104998d4020','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','baab9ad9b9a8da6823a7bca33451c620bb86c29629e8576edfa57ce788a57dd1');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-7330-b42d-ff5474534ff5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','6bfb6d0bf384f91a0fc7fa63f3afab9816d72bae26a38644e4347f2adcfbe1a6');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-7195-acd2-6d0056a820be','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','9922f743dfd34fdaefab6352fb41763455d8f97953477437661aadec530e858d');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-72f9-b62c-c454fd3ca49a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','f81178b4664c01050ca4c81366ce01fc213bced3a0141bca1e16a8d443f518c4');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-73d5-acb2-ccb1fc089057','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','30f2ec5334f9a94702ec6779a5b5a21a01bd1ff1e1f5c48f6803b1898e1f457d');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-7115-89ed-b596dec75209','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','07c8157b9dd8b2d7b200f0eeddabb429283b9dea2fd644be1e924eecbc978888');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-7063-ab26-47f1df239f3d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','5e762f5a3377017bb986a4f98a5ff59767b9371903f612db11b96375a16b140e');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-7180-b413-1489610cf48f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','6aa0eb23e99f5d6c28d4a6332961d3e4e33d22549c8bb8a501c81be8ac267eaa');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-727a-968b-451e79cbdfcb','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','2d12ea6010d0bb572f66375cb8242d3dd52a13812e99a694cf610eca1d207c93');
INSERT INTO "events" VALUES(31,'01a20878-other',3,'01a20877-83e0-73d7-8998-7ec0cb8fe2cf','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7003-b9a0-849c8e182e3f',1,'{"type":"take.deleted","take":1}','090e4c3d3e8a0e1c71f4d21ca57cb2cfd5fecca989ece3dc1f088d36f070e016');
INSERT INTO "events" VALUES(32,'01a20878-other',4,'01a20877-83e0-70f7-8e26-d6ea5b070f69','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','91360a037f90a08171c7b086fe00e7c4d152778be51c0d6a2d65037c66fad95a');
INSERT INTO "events" VALUES(33,'01a20878-other',5,'01a20877-83e0-712f-a319-8e49fa8611b0','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','29190a8b38415b1974e26291b0c6a672a6863a7af2e39475585e58981d2db4cf');
INSERT INTO "events" VALUES(34,'01a20878-other',6,'01a20877-83e0-71a7-9161-633ff49420f4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','00b1175272beefe4208b934e88b37be429e435a998d288531d3b420ba02ff4ca');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('b362732afafc42c58f47ed79bf1cabdf');
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
