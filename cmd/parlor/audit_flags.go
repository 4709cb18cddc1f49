package main

import (
	"strings"
	"time"

	"parlor/internal/chat"
)

// momentOf reads a time of a flag as Unix ms, 0 where there is none.
func momentOf(name, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, chat.Invalid(name, "must be a time such as 2026-01-31T00:00:00Z")
	}
	return t.UnixMilli(), nil
}

// objectOf reads a kind and an id, with a colon between them.
func objectOf(text string) (chat.Object, error) {
	kind, id, ok := strings.Cut(text, ":")
	if !ok || kind == "" {
		return chat.Object{}, chat.Invalid("object", "must be a kind, a colon and an id, such as room:ORDER-1")
	}
	return chat.Object{Kind: kind, ID: id}, nil
}
