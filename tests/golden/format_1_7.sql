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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-724f-86fe-0fe1d255d2a9','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','de879b095b91a15905f7ddf34a3fce8dd93194d014cfd82c5007d1ca85d741e5');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-71c2-b283-e180ea2a7818','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','07abf0a00194b6a8e6a29d820a867863930b5acb02075db469d6057e6b88752a');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-71dd-9f22-b51785a31768','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','458a6142e864785cfbe5fdb356eb2341ac8d161a62f305ddf8f75a89a852a0b3');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7313-a0c8-6ecf9c100ff9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','1c97dfd4a123504810f7fa25ef10e8404a3c6b4bb4ffdef8dd47f67a8b2e99e1');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-71f6-8a3e-5edd01bec9d6','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','f7afa65624eca8f8b43f802c5c3a78ca70ca431926ea1525d9819b6664dab2b8');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7102-841c-b2f8c41bd42d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','65e3d16fe113932fb5e3c2794786a63499785bfc07b0f615160d8e9dbae938a1');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-72a8-8a3b-bece595ab917','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft","workflow":"wide.json"},"workflow":{"path":"wide.json","sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","chosenFor":"take"}}','93d5054520d4481f84e8fc8c24f51817fdf1e7afdf382672a17896ccb973e24c');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7253-a892-5a1d7ed8ecfe','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui","workflow":{"path":"wide.json","sha256":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","chosenFor":"take"}}','bdf8a29bdb292671bea624e98359129d7ff3e84e6a282a4e01e412f96329571e');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-70f3-9a92-a5981cf9bf7b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','bf0ce3f012075d12440b6ef2b93a3d45fc3f1f9311d4c4a4dcdddef5dd0f84bf');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7334-8fbc-4a03de5f4cf5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','db6b9848593a0c1e343e4b66ba290fcf258f2afe5b9adbac55f288247abe6ad6');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7112-bb69-948066bedf81','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','d7d4802200319c57439251b9153175a65669eb1704cf1a6a2af585f35e91a27a');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7058-97b5-883bc544b081','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.joined","take":7,"companion":{"role":"picture","name":"shot_001_take_007_recipe.png","identity":{"device":66,"inode":4712,"size":77,"mtimeNs":2},"sha256":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","origin":"render_00007.png"},"params":{"seed":7}}','3135f907fd70795267a15058b3f8a871a47410d609b01ef47d04f40b670ec7b9');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-734b-ac0b-2ed1ac096522','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.superseded","take":1,"by":7}','0e64d8dba758aa1cbcd21ce2c2f0d45da1e7b7a028f92816f1b7c0c45b38433b');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7146-9240-f5cb1f2db087','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','0621edf355c1d2445e566d07d63f05bdaca6ba2efeacfcc8834c9a3e7f7bb617');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-73c2-ae58-5dc8883355bc','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','3f7663a1e11d49c7ec9193fc229fdddd9c38163ac548c7098f3751b500fd6817');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-7275-8a96-12e729d9e680','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','18e8cb46a56d47ec5651148338480e97a846e28c847872b999ef5eed6b8b763f');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7060-bb33-bef1a5fd458b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','1b68521e83574b0eb982ff495387ee2f670393e9c7b852b67b1b130bd728130e');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-704d-bd51-0f70901501a2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','a6c6a27d7cd7db77215cba3d8a3a3ac8457007908a8a014964e5978afaa2cbc5');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-72db-81b3-e0f26e9edb28','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','2793c6babe5da41c8678a57575e74211f878c8d80bb7c8c52da03cbdc8fee295');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-71cf-89e2-0a6b72c1315c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','1636dc37d40389407eb5c661064e4a445411481c8c56788049fbb6cac4acc13b');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-70bc-884b-5c7dc84bb4a0','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','cce11a6d860bc25ae96556e9b0df47dfb7aa055f1ba48f14c1259d34b7972290');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-70d8-9a0a-9e7fb0f97c9c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','0d00317bc3773bbf94f769bed0b889c987654cd69ff292db11c71729c38bfa92');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-7225-99fd-44dddb89cc28','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','dfb52c941d876517bba3415cc87831d90ed1813ad731f507fdb408204dd2b836');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-71fc-9409-f96f91c1073a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','cac58d89afa5e475a958933f0c47b51dac38565ba683426b3c5c5353530bb914');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-70ff-9f07-241f696f0f01','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','ca519ab5b2a096babb52a5583f90563f638bb98f0d494148dd1c8797f8e06224');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-71e4-83ab-31d9fa046302','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','8030e233ea3aba09d85ed4f118cfa92bab5f34fe849b16f708f854647a0033c7');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-7174-9f97-698149d3cdaf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','759cd54705a98e3a8855a525b035089bcc92f57eee67fa2307478fe514e65266');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-7184-b248-04166c8f9fba','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','336958d0ce8c6cadc1540e5cc9e2d77b919ca21cfa82eb27e3eb509bf469fe80');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-70c4-b239-c581c4f0922a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','7f597c8b254c6a414206eaf0a2c06afc8ba6ba79c8a3a40a3597c5a713c124a9');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-724a-9f76-46df2c512d82','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','1d773b132ae2a74157c4f019f15d964640eb7a929ea8148830f447960aa21f71');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-73f9-83c8-b7c6325775e3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','e92e151e013b6b56cab7dca8bc7722caec2c1268276f1cba8bd74ce5f5a0342a');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-706e-b087-3a049339ad0b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.received","by":"anna","files":[{"origin":"/old/gulls.mp4","name":"gulls_2.mp4","identity":{"device":66,"inode":12,"size":1024,"mtimeNs":1}}],"moved":true}','f1a3a5ef0100ba0b04173d18ff1e6e53a92e46da4ec62fa1ea9d0286c713bfb6');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-72b2-b15a-98ee0a93c80f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":12,"source":{"kind":"request"},"request":{"params":{"seed":7},"again":{"take":1,"sha256":"abababababababababababababababababababababababababababababababab"}}}','45d81e2cd525fd3853b107c7a804bfed2cdb1c6df1361c77bf650597416df5fe');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-718b-a007-cc29cb75427e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','0a21be08f240ca1642a18c68d230cb038c1ca00b250c226cb9b48549c23a35e0');
INSERT INTO "events" VALUES(35,'01a20877-shot',33,'01a20877-83e0-7328-81fe-79958c9bca17','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','db63e61e3f770563f8db5e8f169570991fa9d9947a848499cc2acf0d8a6e1348');
INSERT INTO "events" VALUES(36,'01a20877-shot',34,'01a20877-83e0-718a-91c5-c6e13717247e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','3cd301e437d4f3336a9dc847683e5a55cadbc53c5f4cc59ff243d4aaa0badf45');
INSERT INTO "events" VALUES(37,'01a20877-shot',35,'01a20877-83e0-710c-9392-935f007047d6','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','4e4ecb13c95c64aff4ea9393a333ee7c9ebed201f5dc2414eb4a32e035bf1b06');
INSERT INTO "events" VALUES(38,'01a20878-other',3,'01a20877-83e0-72dc-8025-c875300254e4','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-724f-86fe-0fe1d255d2a9',1,'{"type":"take.deleted","take":1}','2c4229d66c7172fecb802b48d4e2a5fd22c67e642341eecbcb5102b19df97790');
INSERT INTO "events" VALUES(39,'01a20878-other',4,'01a20877-83e0-70bf-9067-390b03695eff','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','6fcdc06a42a8be853bfcfa4f8a1010fd879eaf2da63707a555644ed22faf63ab');
INSERT INTO "events" VALUES(40,'01a20878-other',5,'01a20877-83e0-70f3-985a-79c171516ee7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','e490d97b47a2a6c51b7a06aa8398204a5130cf675f9defdad2a28996fe0b56b8');
INSERT INTO "events" VALUES(41,'01a20878-other',6,'01a20877-83e0-7379-92df-5eb94813ece1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','f1788a0a23d4dccf02b7b9eaf90bc2310af1cf5b59cfd13f5b3956416dc5d46c');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('8d4d34e1072e4804919fcd20f075ad37');
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
