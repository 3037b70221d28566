-- Rows that `generatio import` has brought, by their collection and id there: none is brought twice, also when it was
-- removed here since.
CREATE TABLE imported (
    collection TEXT NOT NULL,
    id         TEXT NOT NULL,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;

-- Accounts whose password is still hashed as the original did (bcrypt), by the cost of that.
CREATE INDEX users_of_the_original ON users (substr(password_hash, 5, 2)) WHERE substr(password_hash, 1, 2) = '$2';
