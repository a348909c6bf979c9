-- +goose Up
-- What people were told, what they and those who answer for them said, and what a controller closed. The handle is a
-- derivation made for receipts alone, of one key of a person and one service: the table by itself does not say who. It is
-- made otherwise than before, when only the person themself spoke, so that what stood here could not be found again.
DROP TABLE receipts;
CREATE TABLE receipts (
    handle      TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    declaration TEXT    NOT NULL,
    voice       TEXT    NOT NULL,
    speaker     TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    act         TEXT    NOT NULL,
    filed       BIGINT  NOT NULL,
    version     BIGINT  NOT NULL,
    substance   TEXT    NOT NULL,
    alone       INTEGER NOT NULL,
    among       TEXT    NOT NULL,
    more        TEXT    NOT NULL,
    PRIMARY KEY (handle, service, declaration, voice, speaker, at, act)
);
