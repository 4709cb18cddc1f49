// Package upgrade opens databases of released versions with the code of today.
//
// testdata holds a folder for each released schema: for each engine a small database that
// was filled through the API of that version and the credentials of the devices in it, and
// what everybody sees of it. A frozen database never changes again, nor does a migration that
// was released: testdata/frozen.sha256 and testdata/migrations.sha256 hold their hashes.
//
// Before a release whose schema is new, freeze it:
//
//	go test ./test/upgrade -run TestFill -freeze v1.2.0
//	go test ./test/upgrade -update
//
// The second command also records again what is seen of older databases, where a version
// shows more of them than the ones before did. Whatever of that differs is to be looked at.
package upgrade
