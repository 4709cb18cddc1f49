package store

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

const (
	// filterBits is how much of a filter an entry takes. One in about a thousand hashes that
	// are not in it seems to be.
	filterBits = 16
	// filterBlock is the size of the part that one hash looks at, in words of 64 bits: what a
	// processor fetches at once.
	filterBlock = 8
)

// filter tells of a hash that it is not in a generation, or that it may be. It is a Bloom
// filter in blocks: each hash has one bit in every word of one block.
type filter struct{ words []uint64 }

// newFilter returns an empty filter for a number of entries.
func newFilter(entries int) filter {
	blocks := max(1, (entries*filterBits+64*filterBlock-1)/(64*filterBlock))
	return filter{make([]uint64, blocks*filterBlock)}
}

var errFilter = errors.New("the filter of a generation of localIDs is damaged")

// filterOf is a filter from its stored form.
func filterOf(stored []byte) (filter, error) {
	if len(stored) == 0 || len(stored)%(8*filterBlock) != 0 {
		return filter{}, errFilter
	}
	words := make([]uint64, len(stored)/8)
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(stored[8*i:])
	}
	return filter{words}, nil
}

// entries is how many a filter of this size is for.
func (f filter) entries() int64 { return int64(len(f.words)) * 64 / filterBits }

// bytes is the form that is stored.
func (f filter) bytes() []byte {
	b := make([]byte, 0, 8*len(f.words))
	for _, w := range f.words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// place returns the block of h, and the bits that stand for it: six of each word's number.
func (f filter) place(h localHash) (block []uint64, which uint64) {
	n, _ := bits.Mul64(binary.LittleEndian.Uint64(h[:]), uint64(len(f.words)/filterBlock))
	return f.words[n*filterBlock:][:filterBlock], binary.LittleEndian.Uint64(h[8:])
}

func (f filter) add(h localHash) {
	block, which := f.place(h)
	for i := range block {
		block[i] |= 1 << (which >> (6 * i) & 63)
	}
}

// has reports whether h may have been added.
func (f filter) has(h localHash) bool {
	block, which := f.place(h)
	for i := range block {
		if block[i]>>(which>>(6*i)&63)&1 == 0 {
			return false
		}
	}
	return true
}
