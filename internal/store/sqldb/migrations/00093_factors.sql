-- +goose Up
-- By which second means somebody at the desk shows that it is them. A handle is the desk's pseudonym and names nobody; what
-- is sealed opens with the key ring alone. step is that of the last use, so that nothing is used twice.
CREATE TABLE factors (
    id     TEXT   NOT NULL PRIMARY KEY,
    handle TEXT   NOT NULL,
    means  TEXT   NOT NULL,
    name   TEXT   NOT NULL,
    made   BIGINT NOT NULL,
    used   BIGINT NOT NULL,
    step   BIGINT NOT NULL,
    sealed BYTEA  NOT NULL
);
CREATE INDEX factors_handle ON factors (handle, made);
