-- +goose Up
-- Mails to functions, and the marks under which something was told once. A mail names services and schools, and no person;
-- where it goes is a function and what it is held over, never an address. settled is 0 while it waits.
CREATE TABLE mails (
    id       TEXT    NOT NULL PRIMARY KEY,
    role     TEXT    NOT NULL,
    over     TEXT    NOT NULL,
    uai      TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    about    TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    urgent   BOOLEAN NOT NULL,
    made     BIGINT  NOT NULL,
    state    TEXT    NOT NULL,
    code     TEXT    NOT NULL,
    attempts BIGINT  NOT NULL,
    due      BIGINT  NOT NULL,
    settled  BIGINT  NOT NULL
);
CREATE INDEX mails_due ON mails (state, due);
CREATE INDEX mails_made ON mails (made, id);
CREATE INDEX mails_uai ON mails (uai, made);
CREATE TABLE mail_marks (
    mark TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);
CREATE INDEX mail_marks_at ON mail_marks (at);
