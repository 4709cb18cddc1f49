package natsbus

import (
	"crypto/rand"
	"encoding/binary"
)

// kind is what a frame is for. Frames of an unknown kind are skipped, so that a later
// version can have more.
type kind byte

const (
	kindMessage kind = 'm' // has a payload
	kindBeat    kind = 'b' // the publisher lives, and has published this many
	kindBye     kind = 'e' // the publisher stops, and has published this many
)

// nodeID distinguishes publishers. Each opening of a bus has a new one.
type nodeID [8]byte

func newNodeID() (id nodeID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// header begins each frame.
type header struct {
	kind kind
	node nodeID
	seq  uint64 // a message's number, counting from 1; else the number of the last message
}

const headerSize = 1 + 8 + 8

// encode returns the frame of h and payload.
func (h header) encode(payload []byte) []byte {
	f := make([]byte, 0, headerSize+len(payload))
	f = append(f, byte(h.kind))
	f = append(f, h.node[:]...)
	f = binary.BigEndian.AppendUint64(f, h.seq)
	return append(f, payload...)
}

// decode splits a frame; ok is false for what cannot be one.
func decode(frame []byte) (h header, payload []byte, ok bool) {
	if len(frame) < headerSize {
		return h, nil, false
	}
	h.kind = kind(frame[0])
	copy(h.node[:], frame[1:9])
	h.seq = binary.BigEndian.Uint64(frame[9:headerSize])
	return h, frame[headerSize:], true
}
