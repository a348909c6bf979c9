-- +goose Up
-- What changed after a revision is looked for several times a second.
CREATE INDEX registry_objects_by_revision ON registry_objects (revision);

-- The content of documents, written once under the SHA-256 of the body.
CREATE TABLE registry_files (
    hash TEXT   NOT NULL PRIMARY KEY,
    type TEXT   NOT NULL,
    size BIGINT NOT NULL,
    body BYTEA  NOT NULL
);
