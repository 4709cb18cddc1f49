package main

import "testing"

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1": 1, "50GB": 50e9, "50 gb": 50e9, "1.5kB": 1500, "512MiB": 512 << 20, "2TiB": 2 << 40, "3tb": 3e12, "7B": 7, "1KiB": 1024,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GB", "0", "-1", "-5GB", "0.2", "5XB", "5 G B", "NaN", "Inf", "1e30", "9300000TB", "5GBs"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}
