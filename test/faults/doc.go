// Package faults holds no code, only tests of what happens when things break: the
// program is killed, PostgreSQL goes away, the disk fills up, too much comes at once,
// clients are slow. They run the real program and talk to it over HTTP, as a customer's
// backend does, or over sockets too, as apps do, and keep a record of what was
// acknowledged. Afterwards all of that must be there, and no other write may be there in part.
package faults
