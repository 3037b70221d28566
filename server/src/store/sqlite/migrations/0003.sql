-- When the owner asked for the job to be stopped.
ALTER TABLE jobs ADD COLUMN cancel_asked INTEGER;

-- SHA-256 of the nonce in the webhook's address that FAL was given for the job.
ALTER TABLE jobs ADD COLUMN nonce_hash BLOB;
CREATE UNIQUE INDEX jobs_by_nonce ON jobs (nonce_hash) WHERE nonce_hash IS NOT NULL;

-- The states a job went through, in order, for those who follow it; kept for a while.
CREATE TABLE job_events (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    job_id  TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    state   TEXT    NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX job_events_by_job ON job_events (job_id, seq);
CREATE INDEX job_events_by_age ON job_events (created);
