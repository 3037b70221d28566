-- Times are Unix milliseconds, money is nano-dollars, ids are 15 characters of a-z0-9, JSON is kept as its text.

CREATE TABLE users (
    id               TEXT    NOT NULL PRIMARY KEY,
    email            TEXT    NOT NULL,
    email_key        TEXT    NOT NULL UNIQUE,
    email_visibility INTEGER NOT NULL,
    verified         INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    password_hash    TEXT    NOT NULL,
    password_derived INTEGER NOT NULL,
    token_key        TEXT    NOT NULL UNIQUE,
    created          INTEGER NOT NULL,
    updated          INTEGER NOT NULL
) STRICT;

CREATE TABLE sealed_tokens (
    user_id TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed  TEXT    NOT NULL,
    custody TEXT    NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE TABLE folders (
    id      TEXT    NOT NULL PRIMARY KEY,
    owner   TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    parent  TEXT    REFERENCES folders (id) ON DELETE SET NULL,
    private INTEGER NOT NULL,
    deleted INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;
CREATE INDEX folders_by_owner ON folders (owner, created);

CREATE TABLE preferences (
    id            TEXT    NOT NULL PRIMARY KEY,
    owner         TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    model         TEXT    NOT NULL,
    "values"      TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    UNIQUE (owner, model)
) STRICT;

-- Both amounts of the quote are kept whole: a job may be settled long after prices changed.
CREATE TABLE jobs (
    id                 TEXT    NOT NULL PRIMARY KEY,
    owner              TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source             TEXT    NOT NULL, -- server: run by us; direct: run by the client
    state              TEXT    NOT NULL,
    model              TEXT    NOT NULL,
    endpoint           TEXT    NOT NULL,
    prompt             TEXT    NOT NULL,
    parameters         TEXT    NOT NULL,
    input              TEXT    NOT NULL,
    folder             TEXT    REFERENCES folders (id) ON DELETE SET NULL,
    num_images         INTEGER NOT NULL,
    book               TEXT    NOT NULL,
    catalog_unit       TEXT    NOT NULL,
    catalog_units      TEXT    NOT NULL,
    catalog_unit_price INTEGER NOT NULL,
    catalog_amount     INTEGER NOT NULL,
    catalog_certainty  TEXT    NOT NULL,
    fal_unit           TEXT    NOT NULL,
    fal_units          TEXT    NOT NULL,
    fal_unit_price     INTEGER NOT NULL,
    fal_amount         INTEGER NOT NULL,
    fal_certainty      TEXT    NOT NULL,
    held               INTEGER NOT NULL,
    request_id         TEXT,
    status_url         TEXT,
    response_url       TEXT,
    cancel_url         TEXT,
    failure_code       TEXT,
    failure_message    TEXT,
    lease_owner        TEXT    NOT NULL,
    lease_until        INTEGER NOT NULL,
    fence              INTEGER NOT NULL,
    created            INTEGER NOT NULL,
    submitted          INTEGER,
    ended              INTEGER,
    updated            INTEGER NOT NULL
) STRICT;
-- State first: it serves the running limit of one owner and the look at all open jobs after a restart.
CREATE INDEX jobs_by_state ON jobs (state, owner);

CREATE TABLE images (
    id           TEXT    NOT NULL PRIMARY KEY,
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
CREATE INDEX images_by_owner ON images (owner, created);

-- One row per paid job. Never changed, never removed before its owner is.
CREATE TABLE ledger (
    id                 TEXT    NOT NULL PRIMARY KEY,
    owner              TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id             TEXT    NOT NULL UNIQUE REFERENCES jobs (id),
    model              TEXT    NOT NULL,
    images             INTEGER NOT NULL,
    account_unit       TEXT    NOT NULL,
    account_units      TEXT    NOT NULL,
    account_unit_price INTEGER NOT NULL,
    account_amount     INTEGER NOT NULL,
    account_certainty  TEXT    NOT NULL,
    fal_unit           TEXT    NOT NULL,
    fal_units          TEXT    NOT NULL,
    fal_unit_price     INTEGER NOT NULL,
    fal_amount         INTEGER NOT NULL,
    fal_certainty      TEXT    NOT NULL,
    billable_units     TEXT,
    reported_by        TEXT    NOT NULL, -- server, client or webhook
    created            INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_by_owner ON ledger (owner, created);

-- Sums of the ledger; hour is the whole hours since 1970-01-01T00:00:00Z.
CREATE TABLE rollups (
    owner          TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hour           INTEGER NOT NULL,
    model          TEXT    NOT NULL,
    account_amount INTEGER NOT NULL,
    fal_amount     INTEGER NOT NULL,
    images         INTEGER NOT NULL,
    PRIMARY KEY (owner, hour, model)
) STRICT, WITHOUT ROWID;

-- account is a hash, not an address or an id: attempts are counted for accounts that do not exist, too.
-- block '*' stands for all blocks together.
CREATE TABLE attempts (
    account        TEXT    NOT NULL,
    block          TEXT    NOT NULL,
    count          INTEGER NOT NULL,
    last           INTEGER NOT NULL,
    familiar_since INTEGER,
    PRIMARY KEY (account, block)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_age ON attempts (last);
