-- +goose Up
-- Who read which version of a charter. The handle is a derivation made for one
-- person, establishment and year: the table says neither who nor what else.
CREATE TABLE charter_acknowledgements (
    handle  TEXT   NOT NULL,
    version TEXT   NOT NULL,
    uai     TEXT   NOT NULL,
    year    BIGINT NOT NULL,
    grp     TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (handle, version)
);
CREATE INDEX charter_acknowledgements_uai ON charter_acknowledgements (uai, year);
CREATE INDEX charter_acknowledgements_at ON charter_acknowledgements (at);
-- What a school attests of a class on paper: numbers, nobody.
CREATE TABLE charter_attestations (
    uai      TEXT   NOT NULL,
    year     BIGINT NOT NULL,
    class    TEXT   NOT NULL,
    version  TEXT   NOT NULL,
    read_on  TEXT   NOT NULL,
    told     BIGINT NOT NULL,
    signed   BIGINT NOT NULL,
    document TEXT   NOT NULL,
    office   TEXT   NOT NULL,
    author   TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (uai, year, class)
);
