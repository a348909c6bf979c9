-- +goose Up
-- Which guardian's view of which child a school closed. A pair is a derivation made for closings alone, of one key of each
-- of the two; a closing stands under the pairs of all their keys, and its mark is one of them. The table says of nobody who
-- they are, and of the reason its kind alone.
CREATE TABLE guardian_closings (
    pair   TEXT   NOT NULL,
    uai    TEXT   NOT NULL,
    mark   TEXT   NOT NULL,
    office TEXT   NOT NULL,
    author TEXT   NOT NULL,
    reason TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (pair, uai)
);
CREATE INDEX guardian_closings_uai ON guardian_closings (uai, mark);
CREATE INDEX guardian_closings_at ON guardian_closings (at);
