-- +goose Up
-- What people were told or agreed to. The handle is a derivation made for
-- receipts alone: the table by itself does not say who.
CREATE TABLE receipts (
    handle      TEXT   NOT NULL,
    service     TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    declaration TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    substance   TEXT   NOT NULL,
    act         TEXT   NOT NULL,
    PRIMARY KEY (handle, service, at)
);
