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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7313-8a06-91cfd38a102e','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','611452f49f22c3f86b0d46dca1ce2f10172ab1b0a2f72e90966d6a9beaf7ae7f');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-7367-9548-e12175cba306','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','3f4849a06fc6aa2f9206ea6324d193a63c611dd1048c44c54e8ab8b15f12ede3');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-733c-aeb5-2b7566569253','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','6e1062b908f1e7d28b813a7c6e2ee4e2356aafef2ead2095803425e7164fee1a');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7176-9e5f-d1c83e6b7161','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','c9448c1104946b7059b7542cfcae778616cda38425fd144b5fd8c1d67dca430e');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-7346-8296-06f322c42209','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','53cf714a77ac032a381edcdf776b02f68402ef942253ce2bda6f7582a1d824bf');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7041-8ec6-7311a01552d5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','b89f9dc07bd75455d4704eaa4dd822bdbbc17a852bbe33da091e810f38d7d36c');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-705c-9d6b-32deaba638d2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft","workflow":"wide.json"},"workflow":{"path":"wide.json","sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","chosenFor":"take"}}','c8b62d9db3c033370547a28adfd9737022a96a726c97ba02e60eb964f8f1b234');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-73de-93a1-fe0ab523c4b4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui","workflow":{"path":"wide.json","sha256":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","chosenFor":"take"}}','6aee4da53bdac187e64a672e63cefcf0c865b0fce87bc8f15694e425bb828a02');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-709b-a0e5-f89b496bebf3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','12712418c76fe2175ca06336153d49c6ba0d175717791a7f99f9ed9fee0cea6c');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-72a7-97bd-b44a75a6e467','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','76786e89e7b1fcb52f5386734599e5c1a0aac39efa81dec8e2344b84ac88a7d6');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-700b-a514-87b5d36139aa','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','30be9a823e3bab9d7e0ca42202efb96d114c5c6d177370f4c61e2cfb1cc58e3f');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7317-a1d9-d9d820b7dfff','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.joined","take":7,"companion":{"role":"picture","name":"shot_001_take_007_recipe.png","identity":{"device":66,"inode":4712,"size":77,"mtimeNs":2},"sha256":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","origin":"render_00007.png"},"params":{"seed":7}}','2b72249d45b498dd765ac0fd95822c05ca457e8543a62ca4e67cbc9c4f52bea7');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7058-a831-bf3fd72ae133','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.superseded","take":1,"by":7}','863c4685347b2307ac7c1f65f140eb1379194f74472601f292b6d10e5ef7936a');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-72c2-8ac5-85c228bbe836','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','68ac9e026e76ef9517947f75f95359c732a768dde0d90e1c0e85e5e6b22d86d5');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-7151-91e9-7dffaf4189ac','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','a88db5fbadb00f7f5bb84680d1cb3063c92bb58f36fc48a5153018f13c8e2ad1');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-718e-a954-9e1ee80b2c24','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','452dea49f7dad8c118b192c747330c246ebddb9b16c8a5c52093ef1ce165b39e');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7064-a2ad-966ee7faa6ee','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','9068ab63798f20b374287c87ff4c7d3c78199656cfd9004ff40a900171abe6b7');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-7005-b6e1-bde24988df00','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','18cc1898867e85d3be817920242cc2906cbb997bb12552cde95d059397b157df');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-729e-bbb6-a5904225ed41','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','04617c1795e94526cadcf68b14dd2548824198e2fc63a29a0c5a71aa344ba604');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-717e-8b4c-1023a61a4187','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','b953f680d44ff4e48b0e2c3ebbdc03d8b97efa84c0b35706eeb4c3f7debcb099');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-70e6-b2fa-f1eb812dc46a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','416933a8d168ef0f8903623ea7f88e7b5b965883cbe75fe20406954455e70a9f');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-72c0-963e-349fc8fc0b17','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','220618c3b91192874989eb89f6105be8d0cb0052f65bea56d5756c91a853cabb');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-7384-bffe-16a0a50a96ed','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','0caa55541aac1d9c6e49d3d02bffb1b95ecdb246b8edc43f4a621303b849b223');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-703b-a338-3654560f3bdc','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','e4fe825aaa49ceda7836c26548927b40d99f1acacb44edc37af816c540554b86');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-7266-b004-4579f0ea3bad','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','04ea3a00657726db79fa2c0224de269abc615d1cce9db0b69599dbb0cd14a664');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-7032-9773-a65a9b5dc294','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','edecfff76c3ce9e5734936667bbcfd9ac4192aba18f2f4bf6b46ec11306b9331');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-71d3-8377-9a67752bc1bc','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','d4421bf147781b4317d9b8a960e07b95c69730c33f4dfdc36d558cfd179479df');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-7014-92a7-b55eb36bfbad','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','ce4e01bd911fc243b4456c62b5e570420ecfdd43aee8810b3b8a904a9b015477');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-7315-bb62-d3f705cd3df5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','76d49407f34dc4136300888fcd5c697db2d1d2eff3ee22feaa1db8a41aa0870c');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-72a0-859b-ace67100c236','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','a97214f719fcdf3c523337100577245f3a4e8f911abb54dc45834b071d4bfddf');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-72b7-ac42-bd8bd6d0f203','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','08ebdd2c685c915525fc67b37f59da1c6dcc605ad1e1d5c70b1e0c899e6043cc');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-712e-be41-8ed82ce2fa66','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','1a42dd30a0ce2b5a1fcf4b541b791417fb0ff7822686679a8689c212ebc1e3f1');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-7240-893a-8f3ee1e4dcdc','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','6d9421d55c15e4e8d53a7ecf8ad854d8884c972f9e7f47e5401af11bed74ca07');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-71a2-bbe2-7a92c10d3168','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','dea4e737626abd8a9c85d912204a1e089b3acdee98008d415bb74fea9a43f5bf');
INSERT INTO "events" VALUES(35,'01a20877-shot',33,'01a20877-83e0-72a1-a8f4-2053a94920b9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','6cb2628e2ed53eb5ff031816dae09f5233f9faa1c7ad18c80c1d6387f7f6b346');
INSERT INTO "events" VALUES(36,'01a20878-other',3,'01a20877-83e0-71b4-92c1-f4f9c09d8a1f','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7313-8a06-91cfd38a102e',1,'{"type":"take.deleted","take":1}','76c0e431eb4b1088c5d77baea0fd2e65eef93a5fea38b1bd693cca55b27bd377');
INSERT INTO "events" VALUES(37,'01a20878-other',4,'01a20877-83e0-70d7-aa2a-c477cd0568d5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','bfd18edfc3011ebb0dafcc11dec69b6922294394619fbebda4412f6022b6828a');
INSERT INTO "events" VALUES(38,'01a20878-other',5,'01a20877-83e0-7269-917d-cfc84310bd03','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','91a61acbd642ed7f77c15cc629b92b0aad960935776d45f2f028b42d51207c6c');
INSERT INTO "events" VALUES(39,'01a20878-other',6,'01a20877-83e0-72b4-9679-c1c9c761cb77','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','ba791793cdfe150894871b8e55efaa8b2a48ff8ad7b206245b96028a1e2e50dd');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('312f06dbfbb6417d94e1688643f17861');
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
