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
INSERT INTO "events" VALUES(1,'01a20877-shot',1,'01a20877-83e0-7133-a2b1-4115b815e44e','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"shot.registered","path":"001_Dawn","device":66,"inode":12,"given":6,"hidden":[3]}','064bbade21378b46ac1172e07b6a3035818614369f2754a7dbdee77f6d2f3401');
INSERT INTO "events" VALUES(2,'01a20877-shot',2,'01a20877-83e0-71ab-afe2-7bdabd1b84b4','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','28170f8b0c6a62648382f849d5a45a230bc03e7a203c464052fbab0d9f2b76bf');
INSERT INTO "events" VALUES(3,'01a20877-shot',3,'01a20877-83e0-72a9-a6ad-45b1377e3dbe','2026-11-23T12:53:00.000000Z','cli','request:0001',1,'{"type":"take.completed","take":1,"media":{"name":"shot_001_take_001.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"params":{"model":"wan-2.2","seed":18446744073709551615,"prompt":"dawn 🌅\nover the sea","cfg":6.5,"loras":[null]},"resources":{"vramUsed":11264.0,"generationTime":81.25,"quality":"high"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"reflink"}','57a7933aee6903b2807555c46985de24fca8e53ca16136712c373245c744684d');
INSERT INTO "events" VALUES(4,'01a20878-other',1,'01a20877-83e0-70fb-8153-9fff3673a30c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.registered","path":"002_Köche"}','c2623def80a8647e0ea2e5426c4f13e725bcdb672acf0cd232def17c6d122d0c');
INSERT INTO "events" VALUES(5,'01a20878-other',2,'01a20877-83e0-72f1-8948-96f4be3a9613','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":1,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','96a8191795e8791a1c56453141f4a238f45db52458be2ec5fc1a2b8f96d760ec');
INSERT INTO "events" VALUES(6,'01a20877-shot',4,'01a20877-83e0-7035-92bc-14d248f26e6f','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":1,"why":"first"}','945217f4e5b3194f4e1d91bef1dd3d5091d74affbd9e76cb4f0976663f9f400c');
INSERT INTO "events" VALUES(7,'01a20877-shot',5,'01a20877-83e0-70a8-8aab-54d6aeacb316','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request","recipe":"recipe.json"},"request":{"params":{"prompt":"dawn, wider"},"quality":"draft","workflow":"wide.json"},"workflow":{"path":"wide.json","sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","chosenFor":"take"}}','88f577b9c9863bc71b72fae817951c0296ebec617a524e060b982d10dda41997');
INSERT INTO "events" VALUES(8,'01a20877-shot',6,'01a20877-83e0-72fc-a966-e74d655abefe','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.started","take":2,"runner":"comfyui","workflow":{"path":"wide.json","sha256":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","chosenFor":"take"}}','4a97af373920affa05d62801ff750f033216cfb293e9a5ce95c6daa530da492c');
INSERT INTO "events" VALUES(9,'01a20877-shot',7,'01a20877-83e0-7079-a495-e3892a87fe33','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"out of memory","name":"render.part","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','8660a92390ae953d4fab2711d3d144bbc11768f875642e7c68cf0c8751b614b3');
INSERT INTO "events" VALUES(10,'01a20877-shot',8,'01a20877-83e0-70a8-bb04-cdadafd24ff4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":7,"source":{"kind":"adopted","name":"take_007","created":"2026-11-23T12:53:00.000000Z"}}','ddb9125663b9d019f3643738da09d9fd787885a6d48a3837618f252168e70406');
INSERT INTO "events" VALUES(11,'01a20877-shot',9,'01a20877-83e0-7110-80cc-caed8446dd65','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":7,"media":{"name":"shot_001_take_007.png","bytes":9,"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","kind":"image"}}','11cf74f61ed1bae3b504c634a069ecc23063c755741073ce14b1906dfc37b9f1');
INSERT INTO "events" VALUES(12,'01a20877-shot',10,'01a20877-83e0-7364-8b23-74e62c00e3bf','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.joined","take":7,"companion":{"role":"picture","name":"shot_001_take_007_recipe.png","identity":{"device":66,"inode":4712,"size":77,"mtimeNs":2},"sha256":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","origin":"render_00007.png"},"params":{"seed":7}}','2881af921396a7bd41fa3729ed5d1e06a8d5b505332513d7924ad77f3de9424b');
INSERT INTO "events" VALUES(13,'01a20877-shot',11,'01a20877-83e0-7397-975b-08d1ce9182d4','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.superseded","take":1,"by":7}','e2651bcfc105782ae75f2ef817712c16bdc2ce3d293029e17abe8032aeaba0ec');
INSERT INTO "events" VALUES(14,'01a20877-shot',12,'01a20877-83e0-73ef-8b47-0f0afaf3ae2d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.activated","take":7,"why":"fallback"}','72539d21c0fe0b2e5a19448e62ad444e4325b79bb5390f2d1f75013506aab859');
INSERT INTO "events" VALUES(15,'01a20877-shot',13,'01a20877-83e0-71e6-830e-d804232b8c91','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.restored","take":1}','04a4008a8b0b8b8799c5702a30f60eb2f5457b2e4a3e5fd1903850d6b5eec36b');
INSERT INTO "events" VALUES(16,'01a20877-shot',14,'01a20877-83e0-715e-8859-d532ebd1ddd5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2,"why":"missing"}','3d4f8b4aa9a274177f7e755de320e32540af05217e7526b214fa99ef23c78fb5');
INSERT INTO "events" VALUES(17,'01a20877-shot',15,'01a20877-83e0-7036-8984-b0773cb29f46','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.purged","take":2,"bytes":77,"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','6297847ea7b2149ca09f02d26d0af14fcec10db8e307a18cc896407bbe574d24');
INSERT INTO "events" VALUES(18,'01a20877-shot',16,'01a20877-83e0-7060-82bd-920047d28c6b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.moved","path":"02_Morning/001_Dawn"}','54013ff757dc40d7a74d025fc53104f89f64ade9ae8a96946a19ab8e0f9a457c');
INSERT INTO "events" VALUES(19,'01a20877-shot',17,'01a20877-83e0-736d-bba6-70ba0ae9e253','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.recovered","given":12,"hidden":[9],"active":11}','b0a89a3c6b7bce1983b2c49dcfa156169681f403f23aa9757bc7f78d6dc5418f');
INSERT INTO "events" VALUES(20,'01a20877-shot',18,'01a20877-83e0-714a-bca4-19da4dfe5574','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","rating":4}','859414e06a7f48c3016bff2cb6e89a72ca6da73024cc6ba1c8d09cb412823f20');
INSERT INTO "events" VALUES(21,'01a20877-shot',19,'01a20877-83e0-72bd-a21b-7d67397f8fa3','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.marked","take":1,"by":"anna","mark":"pick"}','211eaf04c5a6e4334e04331ee122ecc383e68978a634c37b127116725a59244b');
INSERT INTO "events" VALUES(22,'01a20877-shot',20,'01a20877-83e0-7002-8195-9682a6a8e5d2','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["hero","night"]}','578f94a7c36e326cb930a51e8bdf3496a3c180a0d8035e2972172293a2114fa0');
INSERT INTO "events" VALUES(23,'01a20877-shot',21,'01a20877-83e0-700b-abbb-a3c716b4ac58','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.tagged","take":1,"by":"jörg","added":["slow"],"removed":["night"]}','05d925f72b438e1864fa6e442afd2b3060b5398db4271dd77ffb6b6230ab4629');
INSERT INTO "events" VALUES(24,'01a20877-shot',22,'01a20877-83e0-7346-9759-eddc46bb85f7','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"anna","note":1,"text":"the hand\nhas six fingers","frame":12,"lastFrame":20}','2470b1072cb4715973bdb438dc50b31a96977aaa1c388ef88a52ca5c9860addd');
INSERT INTO "events" VALUES(25,'01a20877-shot',23,'01a20877-83e0-70f6-8953-b920beb32e86','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.noted","take":1,"by":"jörg","note":2,"text":"as it should","answers":1}','25c1bf24ee03ab1de196bb77e134e9e26aeadbda731c5f53b291a6a20cdae6ca');
INSERT INTO "events" VALUES(26,'01a20877-shot',24,'01a20877-83e0-7074-b71e-84e5228d24da','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.note.marked","take":1,"by":"anna","note":1,"state":"resolved"}','cde1bed8a3d3f15c5c1aaf3f3014ba9a6127c868bcfd9a2183519104e8009be3');
INSERT INTO "events" VALUES(27,'01a20877-shot',25,'01a20877-83e0-73c2-bfa0-88c1454c16cc','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.rated","take":1,"by":"anna","undoes":"request:0007","rating":0}','0331a7d5b18374631763b992560a4c2bbe874bed9a579be0e0904d65de89bf10');
INSERT INTO "events" VALUES(28,'01a20877-shot',26,'01a20877-83e0-7321-9289-6f54d2290f53','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.noted","by":"anna","note":1,"text":"wider, please"}','8e586b321fa37f5f700492deb3fd9ec137e59aacfdef320c49f671051311cbec');
INSERT INTO "events" VALUES(29,'01a20877-shot',27,'01a20877-83e0-7015-8f9f-956cd967a555','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.note.marked","by":"anna","note":1,"state":"withdrawn"}','8158e32764ccf55a34ea7395c1e3ebd45b393ed252f048c34d30b69aaaae58ee');
INSERT INTO "events" VALUES(30,'01a20877-shot',28,'01a20877-83e0-7197-8625-4b7427d899bd','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"shot.staged","by":"anna","stage":"review"}','384ab4469a238c0905c686d295c69f8eb8ea86260a2a70f3cf237998b69b4253');
INSERT INTO "events" VALUES(31,'01a20877-shot',29,'01a20877-83e0-7099-8c23-d3a80659f80c','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deactivated","take":7,"by":"anna","undoes":"request:0008"}','c4b2a86c23aeddfb26f793128e745cf293a6e36355732098ec0361501c7437a5');
INSERT INTO "events" VALUES(32,'01a20877-shot',30,'01a20877-83e0-7377-bf87-f1a573211e0d','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":13,"source":{"kind":"drop","name":"render.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}}','50a5d5dcf2097692e0fd77fdac565d9262f3e665aff69771391f3f1941d18de3');
INSERT INTO "events" VALUES(33,'01a20877-shot',31,'01a20877-83e0-738f-b054-3b1d82594d66','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":13,"error":"the file is cut off","name":"shot_001_take_013.mp4","identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1}}','366b6da73f5f39e4ce60d02653f191f85b301c8a63f3fed793c582249bbc325f');
INSERT INTO "events" VALUES(34,'01a20877-shot',32,'01a20877-83e0-70e1-a90d-3dd65495414b','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.accepted","take":13,"by":"anna"}','e0557714cd1de9649d8a7025fee2315427acc77b789a0f62ccd1acfb9f1493c4');
INSERT INTO "events" VALUES(35,'01a20877-shot',33,'01a20877-83e0-73bd-b797-4c6b42b1275a','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.completed","take":13,"media":{"name":"shot_001_take_013.mp4","bytes":1024,"sha256":"abababababababababababababababababababababababababababababababab","kind":"video","duration":2.5,"width":1920,"height":1080,"frameRate":23.976,"codec":"h264"},"identity":{"device":66,"inode":4711,"size":1024,"mtimeNs":1},"kept":"copy"}','79f3b3282974e247895ffe53da2b60cf048bc936e1b66a9dfe54f060509a7219');
INSERT INTO "events" VALUES(36,'01a20878-other',3,'01a20877-83e0-708d-9b43-5d4e0df97633','2026-11-23T12:53:00.000000Z','cli','01a20877-83e0-7133-a2b1-4115b815e44e',1,'{"type":"take.deleted","take":1}','809489e91bc5ace75b008c90b040d2fd5816068c74b18d06b529b0f66c0710b7');
INSERT INTO "events" VALUES(37,'01a20878-other',4,'01a20877-83e0-7206-94c9-0553c4a941e5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.created","take":2,"source":{"kind":"request"},"request":{"params":{"seed":7}}}','9878db33ca00ea6dd1938bfcba304acafb99197dd199d276ae19c6a3f24650e4');
INSERT INTO "events" VALUES(38,'01a20878-other',5,'01a20877-83e0-7203-bc36-bcb154311ef5','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.failed","take":2,"error":"it was cancelled before it was made","why":"cancelled"}','41ba754d729586c6f1d8dabcdf1aa219166dd534db0ad3eed8a0e8b876cb2315');
INSERT INTO "events" VALUES(39,'01a20878-other',6,'01a20877-83e0-707d-a101-9ca89d4320f8','2026-11-23T12:53:00.000000Z','cli',NULL,1,'{"type":"take.deleted","take":2}','bf00c788ddd46a86ca16e114f802d3efb9730399c778bc2001b39946287b7ae4');
CREATE TABLE log (id TEXT NOT NULL) STRICT;
INSERT INTO "log" VALUES('967e02a7035d47c092e780693277bc9c');
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
