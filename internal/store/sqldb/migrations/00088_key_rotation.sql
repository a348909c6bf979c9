-- +goose Up
-- Of two processes that prepare the next key of a use at once, one finds the place taken.
CREATE UNIQUE INDEX keys_one_next ON keys (use) WHERE state = 'next';
