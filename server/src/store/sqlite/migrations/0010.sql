-- What accounts and operators did, in order; kept for a while. No foreign key: it outlives the account it is about.
CREATE TABLE audit (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    created INTEGER NOT NULL,
    actor   TEXT    NOT NULL, -- user, operator or nobody
    action  TEXT    NOT NULL,
    user_id TEXT,             -- whom it is about
    block   TEXT              -- where it came from, a block of addresses
) STRICT;
CREATE INDEX audit_by_user ON audit (user_id, seq);
