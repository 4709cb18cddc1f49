// Package sdkmodel holds no code, only a test of what devices are told. Model devices do
// what the web, Android and iOS SDKs do and nothing more: the same calls in the same
// order, no paging, the same rules for what they keep. They live through random histories
// on a real server, a process of its own that is killed, restarted and lied to about the
// time. However such a history went, after one reconnect a device must hold just what its
// user reads by paging through the rooms.
//
// A history follows from its seed, but for what the scheduler adds. Seeds that have found
// a fault are kept in testdata/seeds and run first.
package sdkmodel
