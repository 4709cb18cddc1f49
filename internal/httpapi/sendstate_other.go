//go:build !linux

package httpapi

import "net"

// sendState cannot be known here: what was passed to the system counts as confirmed.
func sendState(*net.TCPConn) (whole, open bool) { return true, true }
