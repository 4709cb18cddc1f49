//go:build !linux

package httpapi

import "net"

// sendState cannot be known here: what was handed to the system counts as confirmed.
func sendState(*net.TCPConn) (whole, open bool) { return true, true }
