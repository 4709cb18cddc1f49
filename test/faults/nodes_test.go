package faults

import (
	"math/rand/v2"
	"sync"
)

// nodes are the servers that a crowd may connect to, as they come and go.
type nodes struct {
	mu   sync.Mutex
	urls []string // "" for one that is down
}

func newNodes(p ...*parlor) *nodes {
	n := &nodes{}
	for _, node := range p {
		n.urls = append(n.urls, node.url)
	}
	return n
}

func (n *nodes) set(i int, url string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.urls[i] = url
}

// any returns one that is up, "" if there is none.
func (n *nodes) any(rng *rand.Rand) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range rng.Perm(len(n.urls)) {
		if n.urls[i] != "" {
			return n.urls[i]
		}
	}
	return ""
}
