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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7348-8457-65b4bde66de2','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','37a0fa2d013c68bdae566100cf72c551ffd78995b3eda6e12f63aa070ef34a18');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-737f-8c83-7f0f2c544461','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','43f3b4e4c9aeaeda04c297e3df07eceec6e3117f4379cd9e6340f7004861f563');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-73b6-9c38-7bb295c1b4aa','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','7d1d13d4a47402e64a95f794621436bb1f3f0c50bd7f87d18354a61cd256cec0');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-7027-ac29-e1c30dfb2142','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','22c769f2eac749232c173c2a1e39b0ba84d31d0ef675e9764c899604993421ff');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-72eb-9751-01f6b938ef31','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','1530d478fe2d5f9ecc50d1a64173d04affecd84b6c434e2896ba3ed93995fca4');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-705d-9dc3-6196a615bd07','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','16127e57f7252b2e6c2d61b46700d8f7d823e713ed0a726a0df4588f494fd7f1');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-73bf-869e-5bf42575ef9e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft","workflow":"wide.json"},"workflow":{"path":"wide.json","sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","chosenFor":"take"}}','686b26f2f03f2be5174652489649956ab59190ce462399f846326f26d6a6f74d');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-7368-85d8-294d6ba09353','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui","workflow":{"path":"wide.json","sha256":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","chosenFor":"take"}}','c955d1e65393c4a02a5c91afb4010261bc35be9f05d8f61a982447171dee49b1');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-7031-850e-e7477233e9c5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','b619292472a0ffeeb3aa29564f98680a820571f77231da171c756fa1c1507bce');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-7261-9910-6470391286b0','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','4ee9c5c360643d16a2858f94c1f53e4beac29a6473f3ebcf3d82d9b8c0129458');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7031-9658-6daacda92619','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','b39ab0b29f444e763a2524d50d9d0d64c779dea51cd18a275acf1ab715976734');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7052-8062-f6f58817c77a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.joined","take":7,"companion":{"role":"picture","name":"shot_001_take_007_recipe.png","identity":{"device":66,"inode":4712,"size":77,"mtimeNs":2},"sha256":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","origin":"render_00007.png"},"params":{"seed":7}}','b41450c93abb370145036fab30f2e4c05384bf809ba8c6ba30d4045754f8c909');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-707f-998f-fb3cae474379','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.superseded","take":1,"by":7}','bb1c7f46150ab14ea86398eafd29aea36e3268c60fccc1b2b9b476504682dd25');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-7126-be30-d5b5e2d4d9d3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','688d0df833bd4c7599b7809e5227af2c6637572ac636a91e96f56705ca632762');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-7077-aa50-49c69baa7228','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','ba159e1e47bcf9f3611f8800660965566e109b1a482ac3f8a1c7d97113da7eb0');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-73bb-a377-9548235848e1','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','787fce71285f5b3bfe4d9957f703d96a10a3900b00809ccaa6c31620cf4671b5');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7001-a3fe-2309ba1e02a9','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','8cea66c3a14880fb88c4be7b00a27271ae5307043ae6e0177668d347c12dc96d');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-712b-b89c-ee86813668fe','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','74b40d76c0d3d97771a7eaaabe13a17e885a8c93df4098b1ca75283f57e6b8a9');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-715f-a960-3c5c7873eadf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','d8a4f3c54dfa9bfbd3197148fa3450985d26dc1fe201607fde1e8286927eb7f8');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-70f9-86c4-485147b1afed','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','9bc344a28847a18abcc5339a95c505ce8a938ee9c744cba538e32b329b49bdee');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-72ee-9f44-1d5da80ed277','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','2f5a2186f8c7f4bb2db6bc3ab95898cb5524a03b3a44b75ae7c8f8383aa05255');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-705d-877d-ed0b0209552f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','4f4a4b95b89f5124c06ad957b488428ae97f084b9a1467fc7a466a650884dade');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-73de-8ea1-0c6e4f796d40','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','93a2aa0fedc428d7478de7762b6a71642b0b459f0ae32902ee101695d6240ed7');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-70bd-a786-69613a10da51','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','3af55e6fcf3b1d97b598622a084d9f8e14eb9a4abc31708fbed835b3169d09c5');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-70b6-b3c7-792c770ed338','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','660beed1b4ac9262b80e50327c0a3a9e4ca110bf5772214821868dbed0966513');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-73f2-8556-8e219b8c7200','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','1aa20f57ffe16fe71e3d5ff3ea5702bc6908a106fd695d42d3dea732977889cb');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-7007-82e8-c08acbcc22e4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','fdb83b4550e1300658a1144f7cc6f0b0a154d2a14b56759df96f0e4adf0d57d3');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-70cc-9f51-ca369d101d6e','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','53ef9d4e27f2ad2d9d15ad1cb14be01215106df4dece005868bc4aa925936cb7');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-7151-90f6-2d89f0395c32','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','2870207d26a43697a9202988beecfd260d2669f4e45bc75b76b0f608803d0e38');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-7137-9ed0-e006f3f5d4c8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','7a29dfca252d1f1a3a27c941d97db4c4b68a515b070540471510dd06d5961287');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-700c-8b26-ee8074b2f55d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','f040732368ec0afc54c5f3a9b4058846ae6b9f0096ea992982f5fcad5a95cd39');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-71fd-aa8a-e7d62019f251','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.received","by":"anna","files":[{"origin":"/old/gulls.mp4","name":"gulls_2.mp4","identity":{"device":66,"inode":12,"size":1024,"mtimeNs":1}}],"moved":true}','0c2b9d5c3ea4e079a52f251fc1b4ec2b76bce1f613cddee7143b17d08ccc80a0');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-705e-b912-85f62a7771ae','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','30df22cc5194772e6ff332b9214c2f71a7b312502fbb06ae51e5ffe2f43ae592');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-72d1-b2ea-e9747725b3d0','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','b4b77ee0ef590ec551421ab2604c4d5c0a53049f3886c12bab93c3b0440fb455');
INSERT INTO "events" VALUES(35,'01a20877-shot',33,'01a20877-83e0-7144-9ce9-869720bddc04','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','689525f4320e87132fcf8585a872e98e2252c0c6767d27eeedab399a2afd9ecc');
INSERT INTO "events" VALUES(36,'01a20877-shot',34,'01a20877-83e0-7223-a48f-5ef87f078820','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','86d5b9c91440afe1f6162d6c5a6f6720e457a528963392cbd50eac6895ec7fd5');
INSERT INTO "events" VALUES(37,'01a20878-other',3,'01a20877-83e0-736c-8f5d-eebab6e08883','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7348-8457-65b4bde66de2',1,'{"type":"take.deleted","take":1}','1916d18cfbeb6862d020fea8b188a7f3854bd0e7b8e5ab74ac23825794d68483');
INSERT INTO "events" VALUES(38,'01a20878-other',4,'01a20877-83e0-735a-a608-19e2e705f8ec','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','b533f5f50bd55801ec09a2b1e587b306c4397c39421513986f12d52cfc42691c');
INSERT INTO "events" VALUES(39,'01a20878-other',5,'01a20877-83e0-724d-ba78-3322d5e20dda','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','ff8b62bcae9ba65b18299dd72a3ab360788dc0ad973b469680616f622e9bf9b1');
INSERT INTO "events" VALUES(40,'01a20878-other',6,'01a20877-83e0-71e0-996a-d53f2198fa3c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','42e4e818da0ef08624a49ce74ff70c325c4c5755b8d011118c093566a8c68a1f');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('0ecb967dca504f1a87d4e82820a96854');
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
