-- +goose Up
-- The order in which two numbers were found to mean one person: what was known
-- together before goes on serving before what was found later.
ALTER TABLE keybook_links ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
-- A key of which an operator said whose it is: no sign-in brings it into doubt.
ALTER TABLE keybook_keys ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
