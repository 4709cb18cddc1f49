// Package e2e holds no code, only tests that drive a whole server from outside: over HTTP
// and WebSockets, as backends and devices do, on SQLite and on PostgreSQL, on one node and
// on two.
package e2e
