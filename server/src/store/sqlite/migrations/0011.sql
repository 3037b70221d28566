-- How many folders a user has, those in the trash included: what there is room for is not counted with each new one.
CREATE TABLE folder_counts (
    owner   TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    folders INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO folder_counts SELECT owner, count(*) FROM folders GROUP BY owner;

CREATE TRIGGER folder_counts_add AFTER INSERT ON folders BEGIN
    INSERT INTO folder_counts VALUES (new.owner, 1) ON CONFLICT (owner) DO UPDATE SET folders = folders + 1;
END;
CREATE TRIGGER folder_counts_remove AFTER DELETE ON folders BEGIN
    UPDATE folder_counts SET folders = folders - 1 WHERE owner = old.owner;
END;
CREATE TRIGGER folder_counts_fixed BEFORE UPDATE OF owner ON folders WHEN old.owner <> new.owner BEGIN
    SELECT raise(ABORT, 'a folder keeps its owner');
END;
