-- Pictures get a number of their own: the full-text index refers to it, and nothing but an INTEGER PRIMARY KEY stays
-- the same when a database is copied. It is also the order they were made in.
CREATE TABLE numbered_images (
    seq          INTEGER NOT NULL PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    owner        TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id       TEXT    REFERENCES jobs (id) ON DELETE SET NULL,
    title        TEXT    NOT NULL,
    url          TEXT    NOT NULL,
    prompt       TEXT    NOT NULL,
    request_id   TEXT    NOT NULL,
    model        TEXT    NOT NULL,
    batch_number INTEGER NOT NULL,
    image_size   TEXT    NOT NULL,
    other_info   TEXT    NOT NULL,
    folder       TEXT    REFERENCES folders (id) ON DELETE SET NULL,
    deleted      INTEGER,
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    UNIQUE (job_id, batch_number)
) STRICT;
INSERT INTO numbered_images SELECT rowid, * FROM images;
DROP TABLE images;
ALTER TABLE numbered_images RENAME TO images;

-- What a gallery asks for is in the index, so that page 1,000 and totals read no rows: seq breaks ties of created, and
-- deleted and model come along.
CREATE INDEX images_by_owner ON images (owner, created, seq, deleted, model);
-- The folder first: that is how SQLite looks for what lies in a folder that is deleted.
CREATE INDEX images_by_folder ON images (folder, owner, created, seq, deleted);
CREATE INDEX folders_by_parent ON folders (parent, owner, created);
CREATE INDEX jobs_by_folder ON jobs (folder, owner, created);

-- Words of titles and prompts. The owner is a word, too, so that a search reads no other user's entries.
CREATE VIRTUAL TABLE images_search USING fts5 (
    owner, title, prompt, content = 'images', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2'
);
-- What is deleted leaves no traces in the index.
INSERT INTO images_search (images_search, rank) VALUES ('secure-delete', 1);
INSERT INTO images_search (images_search) VALUES ('rebuild');

CREATE TRIGGER images_search_add AFTER INSERT ON images BEGIN
    INSERT INTO images_search (rowid, owner, title, prompt) VALUES (new.seq, new.owner, new.title, new.prompt);
END;
CREATE TRIGGER images_search_remove AFTER DELETE ON images BEGIN
    INSERT INTO images_search (images_search, rowid, owner, title, prompt)
    VALUES ('delete', old.seq, old.owner, old.title, old.prompt);
END;
CREATE TRIGGER images_search_change AFTER UPDATE OF owner, title, prompt ON images BEGIN
    INSERT INTO images_search (images_search, rowid, owner, title, prompt)
    VALUES ('delete', old.seq, old.owner, old.title, old.prompt);
    INSERT INTO images_search (rowid, owner, title, prompt) VALUES (new.seq, new.owner, new.title, new.prompt);
END;
