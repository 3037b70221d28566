-- Sums of the ledger per hour and per day (whole ones since 1970-01-01T00:00:00Z, rounded down) and of all time (0), so
-- that no total reads more rows the longer there is a ledger. Each amount is two sums, of its upper and of its lower 32
-- bits, which do not overflow within 2^31 rows. budget_account and budget_fal are what counts against a budget of that
-- basis: the other one's amount where it has no price.
DROP TABLE rollups;
CREATE TABLE rollups (
    owner                TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    span                 TEXT    NOT NULL, -- hour, day or all
    start                INTEGER NOT NULL,
    model                TEXT    NOT NULL,
    images               INTEGER NOT NULL,
    account_upper        INTEGER NOT NULL,
    account_lower        INTEGER NOT NULL,
    fal_upper            INTEGER NOT NULL,
    fal_lower            INTEGER NOT NULL,
    budget_account_upper INTEGER NOT NULL,
    budget_account_lower INTEGER NOT NULL,
    budget_fal_upper     INTEGER NOT NULL,
    budget_fal_lower     INTEGER NOT NULL,
    PRIMARY KEY (owner, span, start, model)
) STRICT, WITHOUT ROWID;

WITH spans (span, ms) AS (VALUES ('hour', 3600000), ('day', 86400000), ('all', NULL)),
charges AS (
    SELECT ledger.owner, ledger.model, ledger.created, ledger.images, account_amount AS account, ledger.fal_amount AS fal,
        CASE WHEN account_certainty <> 'unpriced' THEN account_amount
             WHEN book = 'catalog' THEN ledger.fal_amount ELSE catalog_amount END AS budget_account,
        CASE WHEN ledger.fal_certainty <> 'unpriced' THEN ledger.fal_amount
             WHEN book = 'catalog' THEN account_amount ELSE catalog_amount END AS budget_fal
    FROM ledger JOIN jobs ON jobs.id = ledger.job_id
)
INSERT INTO rollups
SELECT owner, span, coalesce((created - (created % ms + ms) % ms) / ms, 0) AS beginning, model, sum(images),
    sum(account >> 32), sum(account & 0xffffffff),
    sum(fal >> 32), sum(fal & 0xffffffff),
    sum(budget_account >> 32), sum(budget_account & 0xffffffff),
    sum(budget_fal >> 32), sum(budget_fal & 0xffffffff)
FROM charges CROSS JOIN spans
GROUP BY owner, span, beginning, model;

-- What a user may spend, in nano-dollars; a limit that is not set does not bind.
CREATE TABLE budgets (
    owner        TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    basis        TEXT    NOT NULL, -- fal or account: whose amounts count
    day          INTEGER,
    month        INTEGER,
    total        INTEGER,
    warn_percent INTEGER NOT NULL,
    updated      INTEGER NOT NULL
) STRICT;
