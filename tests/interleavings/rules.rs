//! The promises, as questions that must have no answer: each query gives a line per violation.
//!
//! `book` is what FAL has taken (`early`: before the state of the store that is looked at), `sent` the SHA-256 of each
//! job's input, by which FAL's requests and our jobs are told to belong together, whatever the job's row knows of it.

/// A promise, and the query that finds where it is broken.
pub(crate) type Rule = (&'static str, &'static str);

/// What the audit adds to the store's tables. Every model of these tests has a price in both books, and the account
/// follows the catalog, so that each basis of a budget is an amount of the row.
pub(crate) const TABLES: &str = "
    CREATE TABLE book (request_id TEXT PRIMARY KEY, sha TEXT, billed INTEGER, early INTEGER);
    CREATE INDEX book_by_sha ON book (sha);
    CREATE TABLE sent (job_id TEXT PRIMARY KEY, sha TEXT);
    CREATE INDEX sent_by_sha ON sent (sha);
    CREATE TEMP VIEW charges AS
        SELECT ledger.rowid AS number, owner, job_id, model, created, images, account_amount AS account,
            fal_amount AS fal FROM ledger;
    CREATE TEMP VIEW quotes AS
        SELECT id AS job_id, owner, catalog_amount AS account, fal_amount AS fal,
            state IN ('created', 'submitting', 'submitted', 'unknown') AS is_open FROM jobs;
    CREATE TEMP VIEW ends AS
        SELECT job_id, min(seq) AS seq, state FROM job_events
        WHERE state IN ('completed', 'failed', 'canceled') GROUP BY job_id;
";

/// What holds after every step.
pub(crate) const ALWAYS: &[Rule] = &[
    (
        "roll-ups are the plain sums of the ledger",
        "WITH spans (span, ms) AS (VALUES ('hour', 3600000), ('day', 86400000), ('all', 1 << 62)),
         plain AS (
             SELECT owner, span, created / ms AS start, model, sum(images), sum(account), sum(fal), sum(account), sum(fal)
             FROM charges CROSS JOIN spans GROUP BY owner, span, start, model),
         kept AS (
             SELECT owner, span, start, model, images, (account_upper << 32) + account_lower,
                 (fal_upper << 32) + fal_lower, (budget_account_upper << 32) + budget_account_lower,
                 (budget_fal_upper << 32) + budget_fal_lower FROM rollups)
         SELECT 'not kept: ' || owner || span || start || model FROM (SELECT * FROM plain EXCEPT SELECT * FROM kept)
         UNION ALL
         SELECT 'not so: ' || owner || span || start || model FROM (SELECT * FROM kept EXCEPT SELECT * FROM plain)",
    ),
    ("a job is charged at most once", "SELECT job_id FROM ledger GROUP BY job_id HAVING count(*) > 1"),
    (
        "a job is charged if and only if it is completed, or failed by its owner's word or with its paid pictures lost",
        "SELECT jobs.id || ' ' || state || coalesce(' ' || failure_code, '')
         FROM jobs JOIN sent ON sent.job_id = jobs.id LEFT JOIN book USING (sha)
         LEFT JOIN ledger ON ledger.job_id = jobs.id
         WHERE CASE WHEN state = 'completed' OR state = 'failed' AND failure_code = 'resolved_charged' THEN ledger.id IS NULL
             WHEN state = 'failed' AND failure_code = 'fal_result_expired' THEN billed AND ledger.id IS NULL
             ELSE ledger.id IS NOT NULL END",
    ),
    (
        "the pictures of a job cost what it was charged",
        "SELECT job_id || ' ' || account FROM charges JOIN jobs ON jobs.id = job_id
         WHERE jobs.state = 'completed' AND account <> (
             SELECT sum(CAST(round(json_extract(other_info, '$.cost_usd') * 1e9) AS INTEGER)) FROM images
             WHERE images.job_id = charges.job_id)",
    ),
    (
        "a completed job has the pictures that it was asked for, and no other job has any",
        "SELECT jobs.id || ' ' || state || ' ' || count(images.id) FROM jobs LEFT JOIN images ON images.job_id = jobs.id
         GROUP BY jobs.id HAVING count(images.id) <> CASE state WHEN 'completed' THEN num_images ELSE 0 END",
    ),
    ("FAL is given no job twice", "SELECT sha || ' ' || count(*) FROM book GROUP BY sha HAVING count(*) > 1"),
    ("an order is one job, however often it comes", "SELECT sha FROM sent GROUP BY sha HAVING count(*) > 1"),
    (
        "FAL is given only jobs that were written down to be given",
        "SELECT request_id FROM book WHERE early AND NOT EXISTS (
             SELECT 1 FROM sent JOIN job_events ON job_events.job_id = sent.job_id
             WHERE sent.sha = book.sha AND job_events.state = 'submitting')
           AND NOT EXISTS (SELECT 1 FROM sent JOIN jobs ON id = job_id WHERE sent.sha = book.sha AND source = 'direct')",
    ),
    (
        "a recorded request is FAL's for this job",
        "SELECT jobs.id || ' ' || jobs.request_id FROM jobs JOIN sent ON job_id = id
         LEFT JOIN book USING (request_id) WHERE jobs.request_id IS NOT NULL AND book.sha IS NOT sent.sha",
    ),
    (
        "each request belongs to one job",
        "SELECT request_id FROM jobs WHERE request_id IS NOT NULL GROUP BY request_id HAVING count(*) > 1",
    ),
    (
        "each key belongs to one job of its owner",
        "SELECT key FROM idempotency_keys LEFT JOIN jobs ON jobs.id = job_id
         WHERE jobs.owner IS NOT idempotency_keys.owner
         UNION ALL SELECT job_id FROM idempotency_keys GROUP BY job_id HAVING count(*) > 1",
    ),
    (
        "what FAL bills is kept, still open, charged as lost, or as its owner says",
        "SELECT id || ' ' || state || coalesce(' ' || failure_code, '') FROM jobs JOIN sent ON job_id = id
         JOIN book USING (sha) WHERE billed AND (state IN ('failed', 'canceled') OR state = 'created' AND source = 'server')
             AND coalesce(failure_code, '') NOT IN ('fal_result_expired', 'resolved_charged', 'resolved_not_charged')",
    ),
    (
        "jobs go only where the design lets them",
        "WITH moves AS (
             SELECT job_id, lag(job_events.state, 1, '') OVER (PARTITION BY job_id ORDER BY seq) AS earlier,
                 job_events.state, source FROM job_events JOIN jobs ON id = job_id)
         SELECT job_id || ' ' || earlier || ' to ' || state FROM moves WHERE source = 'direct' AND state = 'submitting'
             OR NOT (source = 'direct' AND (earlier, state) IN (VALUES
                 ('created', 'submitted'), ('created', 'unknown'), ('unknown', 'canceled')))
             AND (earlier, state) NOT IN (VALUES
             ('', 'created'),
             ('created', 'submitting'), ('created', 'failed'), ('created', 'canceled'),
             ('submitting', 'submitted'), ('submitting', 'failed'), ('submitting', 'unknown'),
             ('submitted', 'completed'), ('submitted', 'failed'), ('submitted', 'canceled'), ('submitted', 'unknown'),
             ('unknown', 'submitted'), ('unknown', 'completed'), ('unknown', 'failed'),
             ('failed', 'completed'), ('canceled', 'completed'))",
    ),
    (
        "the last event is the state",
        "SELECT id || ' ' || state FROM jobs WHERE state IS NOT (
             SELECT state FROM job_events WHERE job_id = jobs.id ORDER BY seq DESC LIMIT 1)",
    ),
    (
        "what is over has an end, and what is not has none",
        "SELECT job_id FROM quotes JOIN jobs ON id = job_id WHERE is_open <> (ended IS NULL)",
    ),
    (
        "a job holds what it was quoted, and only what FAL may have has a request",
        "SELECT id FROM jobs WHERE held <> catalog_amount OR (state = 'submitted') > (request_id IS NOT NULL)",
    ),
    (
        "every row has the owner of its job, and every job the owner who asked for it",
        "SELECT 'picture ' || images.id FROM images JOIN jobs ON jobs.id = job_id
         WHERE images.owner <> jobs.owner OR images.folder IS NOT jobs.folder
         UNION ALL SELECT 'picture ' || id FROM images WHERE job_id IS NULL
         UNION ALL SELECT 'charge ' || job_id FROM ledger JOIN jobs ON jobs.id = job_id
         WHERE (ledger.owner, ledger.model) <> (jobs.owner, jobs.model)
         UNION ALL SELECT 'job ' || jobs.id FROM jobs JOIN users ON users.id = owner
         WHERE substr(prompt, 1, instr(prompt, ' ') - 1) || '@example.com' <> email
         UNION ALL SELECT 'folder of ' || jobs.id FROM jobs JOIN folders ON folders.id = folder
         WHERE folders.owner <> jobs.owner",
    ),
];

/// What holds once FAL is done, every webhook has come and every owner has a session.
pub(crate) const AT_LAST: &[Rule] = &[
    (
        "every job has come to its end, or is one that FAL does not have",
        "SELECT id || ' ' || state FROM jobs LEFT JOIN sent ON job_id = id LEFT JOIN book USING (sha)
         WHERE state IN ('created', 'submitting', 'submitted') OR (state = 'unknown' AND book.request_id IS NOT NULL)",
    ),
    (
        "everything that FAL billed is in the library, paid",
        "SELECT book.request_id || coalesce(' ' || jobs.state, '') FROM book LEFT JOIN sent USING (sha)
         LEFT JOIN jobs ON jobs.id = sent.job_id LEFT JOIN ledger ON ledger.job_id = jobs.id
         WHERE billed AND (jobs.state IS NOT 'completed' OR ledger.id IS NULL)",
    ),
    (
        "what is charged was billed, or its owner said so",
        "SELECT ledger.job_id FROM ledger JOIN jobs ON jobs.id = ledger.job_id JOIN sent ON sent.job_id = jobs.id
         LEFT JOIN book USING (sha) WHERE coalesce(billed, 0) = 0 AND failure_code IS NOT 'resolved_charged'",
    ),
];
