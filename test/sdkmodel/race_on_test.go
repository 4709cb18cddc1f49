//go:build race

package sdkmodel

// defaultRuns is fewer under the race detector, which watches the servers, too, and makes
// a history six times as dear.
const defaultRuns = 16
