-- +goose Up
CREATE TABLE deliveries (
    id       TEXT   NOT NULL PRIMARY KEY,
    topic    TEXT   NOT NULL,
    body     BYTEA  NOT NULL,
    attempts BIGINT NOT NULL,
    due      BIGINT NOT NULL
);
CREATE INDEX deliveries_by_due ON deliveries (topic, due);
