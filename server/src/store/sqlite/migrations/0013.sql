-- Invitations to register, each good for one account. Of the code only its SHA-256 stands here. A used one names the
-- account it made, and goes with it.
CREATE TABLE invitations (
    id        TEXT    NOT NULL PRIMARY KEY,
    code_hash BLOB    NOT NULL UNIQUE,
    email_key TEXT,             -- the address it is for, lower-cased; anybody's without
    created   INTEGER NOT NULL,
    expires   INTEGER NOT NULL, -- the first moment at which it is no good
    used      INTEGER,
    user_id   TEXT    REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX invitations_by_user ON invitations (user_id) WHERE user_id IS NOT NULL;
