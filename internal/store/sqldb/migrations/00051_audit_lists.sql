-- +goose Up
-- Lists of the journal, newest first. Entries that name no such thing stay out of its index, and a query must say so
-- with the same words.
CREATE INDEX audit_entries_by_at ON audit_entries (at);
CREATE INDEX audit_entries_by_class ON audit_entries (class, at);
CREATE INDEX audit_entries_by_service ON audit_entries (service, at) WHERE service <> '';
CREATE INDEX audit_entries_by_declaration ON audit_entries (declaration, at) WHERE declaration <> '';
CREATE INDEX audit_entries_by_uai ON audit_entries (uai, at) WHERE uai <> '';
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, at) WHERE subject <> '';
