package httpapi

import (
	"net"

	"golang.org/x/sys/unix"
)

// tcpClose is the state of a connection that was reset, or closed by both ends.
const tcpClose = 7

// sendState says whether the other end's system has confirmed all that was sent (whole),
// and whether the connection was not reset (open).
func sendState(c *net.TCPConn) (whole, open bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return false, false
	}
	var info *unix.TCPInfo
	if cerr := raw.Control(func(fd uintptr) {
		info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); cerr != nil || err != nil {
		return false, false
	}
	return info.Unacked == 0 && info.Notsent_bytes == 0, info.State != tcpClose
}
