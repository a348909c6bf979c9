-- +goose Up
CREATE TABLE keys (
    id          TEXT   NOT NULL PRIMARY KEY,
    use         TEXT   NOT NULL,
    algorithm   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    public_part BYTEA  NOT NULL,
    certificate BYTEA  NOT NULL,
    sealed      BYTEA  NOT NULL,
    created     BIGINT NOT NULL,
    changed     BIGINT NOT NULL
);
-- Of two processes that make the first keys at once, one finds its rows taken.
CREATE UNIQUE INDEX keys_one_active ON keys (use, algorithm) WHERE state = 'active';
