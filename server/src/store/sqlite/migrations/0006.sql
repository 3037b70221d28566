-- Files of pictures by what is in them, each once however many records show it.
CREATE TABLE pictures (
    address TEXT    NOT NULL PRIMARY KEY, -- SHA-256 in hexadecimal
    format  TEXT    NOT NULL,             -- jpeg, png or webp
    bytes   INTEGER NOT NULL,
    uses    INTEGER NOT NULL DEFAULT 0    -- how many columns of image_files name it
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_unused ON pictures (address) WHERE uses = 0;

-- The copy of each picture, and what its links end with. A row without a file waits for one until `due`; with neither,
-- it was given up. The number is the picture's, so that those without a row yet are those with the largest numbers.
CREATE TABLE image_files (
    seq             INTEGER NOT NULL PRIMARY KEY REFERENCES images (seq) ON DELETE CASCADE,
    due             INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0,
    file            TEXT    REFERENCES pictures (address),
    file_token      TEXT,
    thumbnail       TEXT    REFERENCES pictures (address),
    thumbnail_token TEXT
) STRICT;
CREATE INDEX image_files_by_due ON image_files (due) WHERE due IS NOT NULL;
-- That is how SQLite looks for what a removed file would leave behind.
CREATE INDEX image_files_by_file ON image_files (file) WHERE file IS NOT NULL;
CREATE INDEX image_files_by_thumbnail ON image_files (thumbnail) WHERE thumbnail IS NOT NULL;

CREATE TRIGGER image_files_count_more AFTER UPDATE OF file, thumbnail ON image_files BEGIN
    UPDATE pictures SET uses = uses - 1 WHERE address = old.file;
    UPDATE pictures SET uses = uses - 1 WHERE address = old.thumbnail;
    UPDATE pictures SET uses = uses + 1 WHERE address = new.file;
    UPDATE pictures SET uses = uses + 1 WHERE address = new.thumbnail;
END;
CREATE TRIGGER image_files_count_less AFTER DELETE ON image_files BEGIN
    UPDATE pictures SET uses = uses - 1 WHERE address = old.file;
    UPDATE pictures SET uses = uses - 1 WHERE address = old.thumbnail;
END;

-- Another address is another picture.
CREATE TRIGGER image_files_renew AFTER UPDATE OF url ON images WHEN old.url <> new.url BEGIN
    UPDATE image_files SET due = new.updated, failures = 0, file = NULL, file_token = NULL, thumbnail = NULL,
                           thumbnail_token = NULL
    WHERE seq = new.seq;
END;
