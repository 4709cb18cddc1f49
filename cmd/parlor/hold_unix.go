//go:build unix

package main

import "syscall"

// apart keeps a child from what the terminal sends to its parent, such as Ctrl-Z.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
