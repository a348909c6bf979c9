-- +goose Up
-- Which keys mean one person. Everything here is a keyed hash; year is the one in
-- which the last school year began in which a key was seen, or a pseudonym released.
CREATE TABLE keybook_keys (
    id        TEXT    NOT NULL PRIMARY KEY,
    number    TEXT    NOT NULL,
    authority TEXT    NOT NULL,
    disputed  INTEGER NOT NULL,
    owned     INTEGER NOT NULL,
    year      INTEGER NOT NULL
);
CREATE INDEX keybook_keys_number ON keybook_keys (number);
-- Both directions of a link stand here.
CREATE TABLE keybook_links (
    one   TEXT NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (one, other)
);
CREATE TABLE pseudonym_marks (
    mark TEXT    NOT NULL PRIMARY KEY,
    year INTEGER NOT NULL
);
CREATE INDEX pseudonym_marks_year ON pseudonym_marks (year);
