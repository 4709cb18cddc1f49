//go:build !unix

package aged

import "errors"

func lock(Options) (unlock func(), err error) {
	return nil, errors.New("databases are filled on Unix only")
}
