//go:build !race

package sdkmodel

const defaultRuns = 100
