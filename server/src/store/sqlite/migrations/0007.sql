-- How many pictures a user made in each hour and in each day (`start` is its first millisecond, whole ones since
-- 1970-01-01T00:00:00Z), and how many of those are in the trash: what a gallery's totals are sums of, and what page 1,000
-- steps over. All their numbers are between first_seq and last_seq, which may be further apart than need be.
CREATE TABLE image_counts (
    owner     TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    span      TEXT    NOT NULL, -- hour or day
    start     INTEGER NOT NULL,
    images    INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    PRIMARY KEY (owner, span, start)
) STRICT, WITHOUT ROWID;

WITH spans (span, ms) AS (VALUES ('hour', 3600000), ('day', 86400000))
INSERT INTO image_counts
SELECT owner, span, created - (created % ms + ms) % ms AS beginning, count(*), count(deleted), min(seq), max(seq)
FROM images CROSS JOIN spans
GROUP BY owner, span, beginning;

CREATE TRIGGER image_counts_add AFTER INSERT ON images BEGIN
    INSERT INTO image_counts VALUES
        (new.owner, 'hour', new.created - (new.created % 3600000 + 3600000) % 3600000,
         1, new.deleted IS NOT NULL, new.seq, new.seq),
        (new.owner, 'day', new.created - (new.created % 86400000 + 86400000) % 86400000,
         1, new.deleted IS NOT NULL, new.seq, new.seq)
    ON CONFLICT (owner, span, start) DO UPDATE SET
        images = images + 1, deleted = deleted + excluded.deleted,
        first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq);
END;
CREATE TRIGGER image_counts_remove AFTER DELETE ON images BEGIN
    UPDATE image_counts SET images = images - 1, deleted = deleted - (old.deleted IS NOT NULL)
    WHERE owner = old.owner AND (span, start) IN (VALUES
        ('hour', old.created - (old.created % 3600000 + 3600000) % 3600000),
        ('day', old.created - (old.created % 86400000 + 86400000) % 86400000));
    DELETE FROM image_counts WHERE images = 0 AND owner = old.owner AND (span, start) IN (VALUES
        ('hour', old.created - (old.created % 3600000 + 3600000) % 3600000),
        ('day', old.created - (old.created % 86400000 + 86400000) % 86400000));
END;
-- Into the trash and back: nothing else of what is counted ever changes.
CREATE TRIGGER image_counts_change AFTER UPDATE OF deleted ON images
WHEN (old.deleted IS NULL) <> (new.deleted IS NULL) BEGIN
    UPDATE image_counts SET deleted = deleted - (old.deleted IS NOT NULL) + (new.deleted IS NOT NULL)
    WHERE owner = new.owner AND (span, start) IN (VALUES
        ('hour', new.created - (new.created % 3600000 + 3600000) % 3600000),
        ('day', new.created - (new.created % 86400000 + 86400000) % 86400000));
END;
CREATE TRIGGER image_counts_fixed BEFORE UPDATE OF seq, owner, created ON images
WHEN old.seq <> new.seq OR old.owner <> new.owner OR old.created <> new.created BEGIN
    SELECT raise(ABORT, 'a picture keeps its number, its owner and when it was made');
END;

-- The words that pictures have; it holds nothing itself.
CREATE VIRTUAL TABLE images_words USING fts5vocab (images_search, instance);
