-- JSON text: what else the caller was told of the failure, so that a repeated call is told the same.
ALTER TABLE jobs ADD COLUMN failure_details TEXT;

-- Newest first, for one owner.
CREATE INDEX jobs_by_owner ON jobs (owner, created);

-- Which job a call with an Idempotency-Key led to; fingerprint is the SHA-256 of what was asked for.
CREATE TABLE idempotency_keys (
    owner       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    job_id      TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    created     INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created);
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);
