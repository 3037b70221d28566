-- Each word of the full-text index is one user's: their id stands before it (`generatio_own_words`). A search used to go
-- through all pictures that have a word, beside all that its user has. The index keeps no lengths of texts, which nothing
-- asks for.
DROP TRIGGER images_search_add;
DROP TRIGGER images_search_remove;
DROP TRIGGER images_search_change;
DROP TABLE images_words;
DROP TABLE images_search;

CREATE VIEW images_own_words AS
SELECT seq, generatio_own_words(owner, title) AS title, generatio_own_words(owner, prompt) AS prompt FROM images;
CREATE VIRTUAL TABLE images_search USING fts5 (
    title, prompt, content = 'images_own_words', content_rowid = 'seq', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2'
);
-- What is deleted leaves no traces in the index.
INSERT INTO images_search (images_search, rank) VALUES ('secure-delete', 1);
-- Two parts of a size are put together when that is asked for: a search looks into each.
INSERT INTO images_search (images_search, rank) VALUES ('usermerge', 2);
INSERT INTO images_search (images_search) VALUES ('rebuild');
INSERT INTO images_search (images_search) VALUES ('optimize');

CREATE TRIGGER images_search_add AFTER INSERT ON images BEGIN
    INSERT INTO images_search (rowid, title, prompt)
    VALUES (new.seq, generatio_own_words(new.owner, new.title), generatio_own_words(new.owner, new.prompt));
END;
CREATE TRIGGER images_search_remove AFTER DELETE ON images BEGIN
    INSERT INTO images_search (images_search, rowid, title, prompt)
    VALUES ('delete', old.seq, generatio_own_words(old.owner, old.title), generatio_own_words(old.owner, old.prompt));
END;
CREATE TRIGGER images_search_change AFTER UPDATE OF title, prompt ON images BEGIN
    INSERT INTO images_search (images_search, rowid, title, prompt)
    VALUES ('delete', old.seq, generatio_own_words(old.owner, old.title), generatio_own_words(old.owner, old.prompt));
    INSERT INTO images_search (rowid, title, prompt)
    VALUES (new.seq, generatio_own_words(new.owner, new.title), generatio_own_words(new.owner, new.prompt));
END;

-- The words that pictures have; it holds nothing itself.
CREATE VIRTUAL TABLE images_words USING fts5vocab (images_search, instance);
