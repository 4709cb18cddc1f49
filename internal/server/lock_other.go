//go:build !unix

package server

import "parlor/internal/config"

// lockData has no advisory lock to take here: do not start two servers on one folder.
func lockData(config.Config) (unlock func(), err error) { return func() {}, nil }
