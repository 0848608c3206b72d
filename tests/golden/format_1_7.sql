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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-73a3-8e7a-e39743c7eedc','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','4f2ab6d0a4340b3078f10607d94fe9325ad871ed891b2306f12566b715cb3b3d');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-7119-9890-4981cd39ccb1','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','bd3d63327ce49c69e468ad64e0518e428ebccc606acfbbd8574f67118798bbba');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-700e-a9ff-dd06414d4caf','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','b5ec99470385f23c67511bf8d3e08ab58ab07def38ca60d0c5b452b880ec39c3');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-70f7-94fb-43305cce7ccf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','b39e5cb3957667c759ba2b8a96a5f90a82080a47b4d464a74a03e5725f66d0dc');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-70f2-b3e7-1c83b190c7ba','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','b6dce0c1d8a53b6b3cfd2e6298ca0a7553999a889b6f91d10787b69bdde08683');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7048-81f7-5f13ca8f9e83','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','5331f990b08ccc645a2cfdc0f07b10c78ee5be3afe96778a0d8c4f5468c3ca1f');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-73ee-9f78-cf22cd9c9b7d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft","workflow":"wide.json"},"workflow":{"path":"wide.json","sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","chosenFor":"take"}}','82da1d0c88e6c2e19ed1ba82dbd0ffffd3f63c6639fb545fab958b1d205612ec');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7130-8c1b-6d8bd74076d5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui","workflow":{"path":"wide.json","sha256":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","chosenFor":"take"}}','8748681bc15e879dd5b34145adea633466a81a28e4c8f1b1d1491908c1ccec85');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-72d4-b1fe-4ba42e693498','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','06f8bf8e90324ca26ddc9da85200c4e22233c49c935b5f66ed7b2e4e1270a6d3');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-731e-b753-846f0a6ef064','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','4dbf39d1b3a90d4970fb77b77992908b61aa5403c018011326381b12753e03d2');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-73b0-962c-da31fe2d1bab','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','4361d973207869de0af902cc4e2eef127902955a212394d65680f4e02720520b');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-73c3-9934-2081d150dfa3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.joined","take":7,"companion":{"role":"picture","name":"shot_001_take_007_recipe.png","identity":{"device":66,"inode":4712,"size":77,"mtimeNs":2},"sha256":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","origin":"render_00007.png"},"params":{"seed":7}}','c6549bfca131d668bb1acf1dbf3b608c608d308b32c50fe5e3c1c925ebf40f78');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7387-8eac-2768c1636753','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.superseded","take":1,"by":7}','11b4bf742df54d6ebcf5cfd0d3853831fa10d4e745a195ae02dfc40f8ec445b3');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-73c4-838b-cc03ee55c778','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','50b05e088344743aec4848f8b601174a5a928f6de5cfe750fd051181c9a6c9e1');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-70ad-841d-d285dff52f70','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','d3104d3e7240dfbbd883c581970c6261b09ee70e35a253b5e24c50c865b0ed09');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-70a3-a94c-a5ed10df6c8e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','c73d431a52b55770f4dc3f19cf0a46f78494e71f602e818d2cabd75aebf2394e');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-72c9-848f-102c9167e5c3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','36d24cc0816d8b77bcedcaf3465528e003942136ba4785abe28e8ab28858349e');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-712d-9334-14aa1288b0f8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','5e24963910f5fdb1b1e52b41b9c606d7c677c65aee5783f6af53da8bd0a684e5');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-70e9-b1e4-573936204f2f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','f82020631b2c98f1bc3ba346a6cedb16a0e16d78b010f259ff73a01e9ed7a64f');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-712d-95a2-3f81792e8feb','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','b3cd64ce7e35b3f6b48597ef163df189dd50c230dbac18f04c3f58cb9e78dad8');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-71d2-8bf0-dc02e904724c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','f53f6c2d7c3f0428333d9b54a41b4fa63c934cd5ecff9c47e3b3cbca83776430');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-7398-ba0a-cb0d8587a2e5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','37e27ed73f6fc165e5890c0a7d55abfef63ec33c05635d0480da77b91768a6ab');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-7137-a39f-50a83873f1b8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','f40c2a2baed68ea5a3a9cc5e5ad114f55c9565169db24fc87559e5fe754bc311');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-73d1-a8d0-14f17a57098f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','51c10abcd4c9350580b37686225387fa7cf8a5e30fb87e5c9c39527892c8c027');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-721e-a528-2636bed4f518','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','49541777694930d97b4a5fe052bd23bbbba047833bb27d92ee5dcceb12bd6c4a');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-7379-a4e8-01cf9f1c2103','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','13ab567d128343ed43f097baae61958cc1a305a38d6b2b4e9ab560327c94fda6');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-7130-8cbc-faf2b74feed3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','5486ed0fea27a1f64c7bf1d1be08288cfafbba0bcaf01c7e5e16ed564dbd2302');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-73c3-b813-78e8df6aa29d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','601e68dee479ee74745063cd5ad2d09ff2d80c620603fdc693d7e12c0270c47f');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-7383-a608-49d6778d88a3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','001b4c3e4bf3c52bd2e9944f1b6e692ecc5b26256a7bc02348fc77c0b8036250');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-720b-bd2d-3691b732f8a6','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','c91a3895a64eb59c811bcf9548cc2de2cf1993cbb15672ba97ce4f7dcf72f27c');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-735a-8e9e-96882d99f4a2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','d4e5eb619e7cc80832fad37986afdf0f83c71ce288da6b6634d1f9e199a56d2a');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-73a6-8ef6-42434ebfdf39','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.received","by":"anna","files":[{"origin":"/old/gulls.mp4","name":"gulls_2.mp4","identity":{"device":66,"inode":12,"size":1024,"mtimeNs":1}}],"moved":true}','b301bac4ec890a1a511291f839f56bea4167ae299073be7507b43e05c331b893');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-72bf-8e96-f79f5ade1a96','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":12,"source":{"kind":"request"},"request":{"params":{"seed":7},"again":{"take":1,"sha256":"abababababababababababababababababababababababababababababababab"}}}','5808ea61ff1a2db9ccc682d0a4bb15e3e450c16ad5f47cdefdaca4f908a9ccb7');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-71ee-9b1a-5b4221b92bad','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','056b12fb0b9846f0d3760ff199821d465e2e0bab9df79c5995dc86c243a3c7b3');
INSERT INTO "events" VALUES(35,'01a20877-shot',33,'01a20877-83e0-732d-946d-935c29022270','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','3ff1c463ae296ee90da9d1e7becd7d14cc097ff303036dac0a8a819cd0e82370');
INSERT INTO "events" VALUES(36,'01a20877-shot',34,'01a20877-83e0-7216-8fe2-dfd0920e0037','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','818445804d8927abed47c68e89968dc29dce501dd28c14b6bbc6512345a07df5');
INSERT INTO "events" VALUES(37,'01a20877-shot',35,'01a20877-83e0-7331-b3f6-3f4610484384','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','449bef7a9e23f12fd4572363ed1499067fb6b6f460faba5df02346122fcb0a2b');
INSERT INTO "events" VALUES(38,'01a20878-other',3,'01a20877-83e0-71ff-bbef-2a6e9c5cd549','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-73a3-8e7a-e39743c7eedc',1,'{"type":"take.deleted","take":1}','caf8d343555d8d9e26dbc9618692cf2f6f765636c84dbb9849493e8d87a82f85');
INSERT INTO "events" VALUES(39,'01a20878-other',4,'01a20877-83e0-728e-b10f-40daf265fe71','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','63f2290c8bd10296d93d4913a91bf0b61cf9d96005b48fd20e8c7114818c66c0');
INSERT INTO "events" VALUES(40,'01a20878-other',5,'01a20877-83e0-713e-9838-d0a77db735cb','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','0077c97c42501e74a23c90d991db7c64bcb36198cde706d80d73eab062432980');
INSERT INTO "events" VALUES(41,'01a20878-other',6,'01a20877-83e0-71fe-8a72-0a03ebc63977','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','0b71e4171ba0bedf65bedf0ec52ff2eae010ee91cb2dca784037991a15fe8c8f');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('51ceeae249974dfeb155d568f2687495');
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
