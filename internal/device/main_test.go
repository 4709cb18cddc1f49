package device_test

import (
	"testing"

	"parlor/test/env/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
