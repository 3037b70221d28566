-- Who said what became of a job that is over or in doubt: server, client or webhook. Jobs that ended before are only known
-- by their charge.
ALTER TABLE jobs ADD COLUMN reported_by TEXT;
UPDATE jobs SET reported_by = (SELECT ledger.reported_by FROM ledger WHERE job_id = jobs.id);

-- SHA-256 over the addresses of the pictures a job was settled with: whether a repeated report says the same.
ALTER TABLE jobs ADD COLUMN result_hash BLOB;
