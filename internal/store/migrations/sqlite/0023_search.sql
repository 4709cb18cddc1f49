-- +goose Up
-- The index of messages by their words is in a file of its own: see ../../search_file.go.
SELECT 1;
