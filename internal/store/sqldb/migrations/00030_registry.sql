-- +goose Up
-- Everything that operators register: one row per object, and per version of a
-- declaration. The body is the noun's own JSON; what is looked up by is a column.
CREATE TABLE registry_objects (
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    version  BIGINT NOT NULL, -- 0 but for declarations
    revision BIGINT NOT NULL, -- the change that wrote it last
    body     TEXT   NOT NULL,
    PRIMARY KEY (kind, id, version)
);

-- One row, 1: the number of the newest change.
CREATE TABLE registry_revision (
    id       BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO registry_revision (id, revision) VALUES (1, 0);
