-- +goose Up
-- Two papers of one day that name no holder are two papers: kept in different schools, about different versions, signed by
-- one holder or by all. Before, the second was taken for the first, sent again.
CREATE TABLE receipts_apart (
    handle      TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    declaration TEXT    NOT NULL,
    voice       TEXT    NOT NULL,
    speaker     TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    act         TEXT    NOT NULL,
    paper       TEXT    NOT NULL,
    filed       BIGINT  NOT NULL,
    version     BIGINT  NOT NULL,
    substance   TEXT    NOT NULL,
    alone       INTEGER NOT NULL,
    among       TEXT    NOT NULL,
    more        TEXT    NOT NULL,
    PRIMARY KEY (handle, service, declaration, voice, speaker, at, act, paper)
);
INSERT INTO receipts_apart (handle, service, declaration, voice, speaker, at, act, paper, filed, version, substance, alone, among, more)
SELECT handle, service, declaration, voice, speaker, at, act, '', filed, version, substance, alone, among, more FROM receipts;
DROP TABLE receipts;
ALTER TABLE receipts_apart RENAME TO receipts;
