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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-71dc-a45f-bb8dd1505578','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','c4c5c328657fd81607160acbdf54caf1a766fdbf2132c75fc13014bae2623388');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-738d-b490-0f353ed00ad2','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','20fe9f2b307e2d458c845c69e843a762bd2c32ba0db679ad0a51dffc8536b535');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-71a0-a3f1-9eaf6d65f923','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','87c9c47177916936799613e161a8fecfb2395472b144de17ade34c23a2d7067b');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7388-87dc-97f23f3200d5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','27f093f1d6d58871415125e3d58266d5474ac06df57afac7e790b678f5eca3aa');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-732d-9a44-722e36c5a82b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','f93c6c0adee3b971383004387a9273c3021b3b8bdf9e9db3b4ab4d8c83e3a4c2');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7210-a061-ca4a74a57bff','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','4378fdfe5e88e62d12f1b7433e6e3ca1b9db82acc886ee1b5d916ede314225e0');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-734e-8db1-7699c89bc0cc','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft","workflow":"wide.json"},"workflow":{"path":"wide.json","sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","chosenFor":"take"}}','326b3451c882118fa8d8fde316381ad04864725d8877159378bb2131ac011fdc');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-73f0-84fb-00c3c611aaa2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui","workflow":{"path":"wide.json","sha256":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","chosenFor":"take"}}','446223e50820eb6545d5dc75b2782268c6afc01619f5d3f54b2091a78e3364ab');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-7162-ac45-b6128bbf21b0','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','336d4af3749ac7fce561d20923628de534bdc74a9166b309079d983fb479c096');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7188-85e1-72337736d354','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','35f75514d74f45a34125be500e38dab34916ddeba2d009c498750fb3493f78c8');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-72fa-9dab-e6e0d825c832','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','2a6d3b3d4c6c4df3e13dfa520e160a44a2b8f7c5a2549870007ef034cb3932ec');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-73ba-99a3-f5617d473235','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":1}','9a53512c6c20d13444753b2b2434d093453e2141181f3dcce4882bf3f7d2cd58');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-732e-93d6-c70eb76655bb','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','a0a08e1c93ec513810c32f5a7bc95296e6bcfbbc49668072842a70e0ae6056b4');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-72fc-bf3a-ec0e84436a83','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','aee65b1c0d08b5771bb151b8572cb170c7f2397a4a5f5b722c7f666dc226d53a');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-72d4-b758-d9b45bcc1ec3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','d4f47c5a7ce1194c2d0899584027390c21df5374c0cb58c0abae157f5b97e670');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-70fc-990b-717d8823c3ab','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','2351eaf70f8874e7f672de4fe41feabb9fb48b115b823551392796384779ab62');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-73d5-b5dc-f13d877884c1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','bcd891df497ef17a8a8710c1202fc4ee32cfa9a1a26de2e4db08d281b05eb4fe');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-73b3-96aa-19677fe0a626','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','8d7077b020d29558cb333d532f80e8972708a627c12bdb6ba7a365d2dcc1b1f6');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-729d-af72-177abb1d9124','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','45d73ca2d4514e4ec74629216ce89a2076ab84c98ccb3b8ebe7386c65bc07fe6');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-7300-8027-a24a3a859b0b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','75bef39e35f597fa7f9fa455d87a69f7553a9e0c98c12bb08feb1825e0b80070');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-7326-844f-ee833a227390','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','747b951085a96cacd5c8648c281925b97caef14e43f2832c933d106e38351191');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-7283-971c-3ba986e3faea','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','ab24ceaea01a2e84868443d7ea62e0e49a91c1b6d045bc9107d149edb188c579');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-72f9-8eaf-83078fdb7d3f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','d71ef71a532700cf16b2030cf7bbb787c13de1f617e6fc780149fbf1fd2a417b');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-72aa-888a-e5cdcc398cd8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','3d0df7f456932851c57cc8f4295fe6e3526232d24c58ab80eadd5975bfff2f33');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-715f-82aa-5c0588ecbb14','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','7658bbaf3e50aa27024d19a9d19dd3c7bf81c74f80f4f888ec471496098671ce');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-72c0-9ecd-894d64207294','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','d9de6f4e41b5b9d6a38596e01bc656b11b84816895427d6861260e22995acb53');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-7052-8557-4eecdf1ae53c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','8089de0a9b29c0c038ad87e713f3888fea6f95031b94c882488bd3808ea38751');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-7292-8ec7-293bf6d0a49e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','ea238de9afdaaf7d863bb2ddb0d0e45b9331369d8ec852c64eab95c0fc599a9b');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-7216-93a0-24c0014c5b2a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','788500089fed88edd7839cfdad3d95beca3b7d69b1f060b4e1b9ee5c8a62c42f');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-737d-9f27-a6b3b4fd73cd','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','613ca415f834a67dd66ce2912eef76edc3a3c97e68bb58cbc916bd4452517bb5');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-73f1-8011-24f625b0c95a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','34cb00733f383c17ca80bd370f6e78387969b4500a20c2c50afa0db35e99d525');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-7331-91e6-9fe7ab2f7c0b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','9b9c2640394b82949ea6d4994618728df5dce7fa0807980e802c819757ae1288');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-73a6-82c1-e2b0c01ff89b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','78120a9cb394f8f1adbe0883e62d02c5276716810b1a848a8e6b62380d7fa45d');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-703c-b52b-44bde9d58622','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','1a33900fe92d5650d40d50aa773130f2cb5fc881f83258b5a8804ccca6b0caaf');
INSERT INTO "events" VALUES(35,'01a20878-other',3,'01a20877-83e0-7216-85b1-519b8c0e5238','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-71dc-a45f-bb8dd1505578',1,'{"type":"take.deleted","take":1}','bc8f557e44cb9375cc2f64969886e10ebc3b2a1811521ff07c84222cce720106');
INSERT INTO "events" VALUES(36,'01a20878-other',4,'01a20877-83e0-7030-ae6d-f5f06da86037','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','711599cfd9271436f7bf959ede7b8c9b3088bd6c5591bfdc48f29a65192481d7');
INSERT INTO "events" VALUES(37,'01a20878-other',5,'01a20877-83e0-72c7-941b-e192dc24ea61','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','3157706926a742206f55c54e87afd7b609e31585f20ecf6a5cc1a4b20b1832c6');
INSERT INTO "events" VALUES(38,'01a20878-other',6,'01a20877-83e0-72a9-93ba-9074887fa907','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','3b7cb9a8ea0709d98523cdaee1931a2ec8b4137fcbae255d89e804b1e55caf39');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('c594450367c547d5a06ae994ebe2411b');
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
