package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// units are what sizes may be given in.
var units = map[string]float64{
	"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// parseSize reads a size such as 50GB or 1.5 GiB, in bytes; without a unit it is in bytes.
func parseSize(s string) (int64, error) {
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, ok := units[strings.ToLower(s[len(number):])]
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if bytes := n * unit; ok && err == nil && bytes >= 1 && bytes < math.MaxInt64 {
		return int64(math.Round(bytes)), nil
	}
	return 0, fmt.Errorf("%q is no size; give one such as 50GB, 512MiB or 1000000", s)
}
