-- +goose Up
-- What was done at the desk is looked for by what it was, who did it, where and about which service. Sign-ins stay out of
-- these indexes: they are written by the thousand, and looked up by their reference alone.
CREATE INDEX audit_entries_desk_action ON audit_entries (action, at) WHERE class = 'admin';
CREATE INDEX audit_entries_desk_actor ON audit_entries (actor, at) WHERE class = 'admin' AND actor <> '';
CREATE INDEX audit_entries_desk_service ON audit_entries (service, at) WHERE class = 'admin' AND service <> '';
CREATE INDEX audit_entries_desk_uai ON audit_entries (uai, at) WHERE class = 'admin' AND uai <> '';
-- How many sign-ins and refusals a month had, by service and establishment, without what would be about so few people that
-- it says who: n of a row that is hidden is 0. A service or an establishment "*" stands for all of them in the academy.
CREATE TABLE journal_months (
    month   TEXT   NOT NULL, -- yyyy-mm
    academy TEXT   NOT NULL,
    service TEXT   NOT NULL,
    uai     TEXT   NOT NULL, -- empty where it is not known
    what    TEXT   NOT NULL,
    n       BIGINT NOT NULL,
    hidden  BIGINT NOT NULL, -- 0 or 1
    PRIMARY KEY (month, academy, service, uai, what)
);
CREATE INDEX journal_months_uai ON journal_months (uai, month, service);
CREATE TABLE journal_months_counted (
    month TEXT   NOT NULL PRIMARY KEY,
    at    BIGINT NOT NULL -- when it was counted; one that was not over then is counted again
);
CREATE INDEX audit_entries_desk_outcome ON audit_entries (outcome, at) WHERE class = 'admin';
