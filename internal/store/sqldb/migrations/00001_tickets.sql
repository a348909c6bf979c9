-- +goose Up
CREATE TABLE tickets (
    kind    TEXT   NOT NULL,
    name    BYTEA  NOT NULL,
    value   BYTEA  NOT NULL,
    version BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX tickets_by_expires ON tickets (expires);

CREATE TABLE counters (
    kind    TEXT   NOT NULL,
    name    BYTEA  NOT NULL,
    value   BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX counters_by_expires ON counters (expires);

-- One row per mark; 'epoch' is the instant since which nothing was forgotten.
CREATE TABLE marks (
    name TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);
