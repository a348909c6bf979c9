-- +goose Up
-- What people ask of whoever answers for their data. Handle and whom are
-- derivations made for requests alone; what was written is sealed, and empty once the request
-- is closed.
CREATE TABLE rights (
    ref         TEXT    NOT NULL PRIMARY KEY,
    handle      TEXT    NOT NULL,
    whom        TEXT    NOT NULL,
    child       BOOLEAN NOT NULL,
    kind        TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    uai         TEXT    NOT NULL,
    declaration TEXT    NOT NULL,
    version     BIGINT  NOT NULL,
    opened      BIGINT  NOT NULL,
    due         TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    since       BIGINT  NOT NULL,
    extended_at BIGINT  NOT NULL,
    answered_at BIGINT  NOT NULL,
    outcome     TEXT    NOT NULL,
    office      TEXT    NOT NULL,
    fiche       BOOLEAN NOT NULL,
    door        TEXT    NOT NULL,
    settled     BOOLEAN NOT NULL,
    sealed      TEXT    NOT NULL,
    revision    BIGINT  NOT NULL
);
CREATE INDEX rights_handle ON rights (handle, opened);
CREATE INDEX rights_whom ON rights (whom, service);
CREATE INDEX rights_uai ON rights (uai, state);
CREATE INDEX rights_state ON rights (state, due);
-- Somebody asks the same once at a time.
CREATE UNIQUE INDEX rights_pending ON rights (handle, whom, kind, service, uai) WHERE state IN ('open', 'extended');
