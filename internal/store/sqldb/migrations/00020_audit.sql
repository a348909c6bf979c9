-- +goose Up
-- Rows are only ever inserted here, and later removed by whole periods; nothing
-- refers to them by foreign key.
CREATE TABLE audit_entries (
    writer      TEXT   NOT NULL,
    class       TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    action      TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    ref         TEXT   NOT NULL,
    actor       TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    service     TEXT   NOT NULL,
    declaration TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    uai         TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    protocol    TEXT   NOT NULL,
    attributes  TEXT   NOT NULL, -- JSON list of names
    detail      TEXT   NOT NULL, -- JSON object of texts
    hash        BYTEA  NOT NULL,
    PRIMARY KEY (writer, class, sequence)
);
CREATE INDEX audit_entries_by_ref ON audit_entries (ref, at);

CREATE TABLE audit_heads (
    writer    TEXT   NOT NULL,
    class     TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    base      BIGINT NOT NULL,
    base_hash BYTEA  NOT NULL,
    last      BIGINT NOT NULL,
    hash      BYTEA  NOT NULL,
    seal      TEXT   NOT NULL,
    PRIMARY KEY (writer, class)
);
CREATE UNIQUE INDEX audit_heads_by_number ON audit_heads (number);

-- One row, 1.
CREATE TABLE audit_root (
    id     BIGINT NOT NULL PRIMARY KEY,
    chains BIGINT NOT NULL,
    seal   TEXT   NOT NULL
);
