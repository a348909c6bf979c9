-- +goose Up
-- Which services people marked. The subject is a derivation made for favourites
-- alone: the table by itself does not say who. year is the one in which the school
-- year began in which the mark was made.
CREATE TABLE favourites (
    subject TEXT    NOT NULL,
    service TEXT    NOT NULL,
    year    INTEGER NOT NULL,
    PRIMARY KEY (subject, service)
);
CREATE INDEX favourites_year ON favourites (year);
