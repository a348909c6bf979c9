-- +goose Up
-- Temporary accounts. Unlike the registry's tables this one names people: rows
-- are removed some days after last_day. Word and password are hashes.
CREATE TABLE accounts (
    id          TEXT   NOT NULL PRIMARY KEY,
    source      TEXT   NOT NULL,
    login       TEXT   NOT NULL,
    uai         TEXT   NOT NULL,
    profile     TEXT   NOT NULL,
    given_name  TEXT   NOT NULL,
    family_name TEXT   NOT NULL,
    mail        TEXT   NOT NULL,
    first_day   TEXT   NOT NULL,
    until_day   TEXT   NOT NULL,
    last_day    TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    author      TEXT   NOT NULL,
    made        BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    word        TEXT   NOT NULL,
    word_ends   BIGINT NOT NULL,
    password    TEXT   NOT NULL,
    revision    BIGINT NOT NULL,
    UNIQUE (source, login)
);
CREATE INDEX accounts_uai ON accounts (uai, id);
CREATE INDEX accounts_last_day ON accounts (last_day);
