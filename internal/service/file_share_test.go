package service

import (
	"testing"

	"parlor/internal/chat"
)

// TestNamed: which file data names, in all the ways of the SDKs.
func TestNamed(t *testing.T) {
	id, address := chat.NewFileID(), chat.NewFileID()
	url := "https://h/files/" + string(address)
	for data, want := range map[string]fileName{
		``:                                    {},
		`{"a":1}`:                             {},
		`[]`:                                  {},
		`{"fileID":7,"url":"` + url + `"}`:    {address: address},
		`{"fileID":"` + string(id) + `"}`:     {id: id},
		`{"fileID":"../x"}`:                   {},
		`{"fileURL":"` + url + `/thumbnail"}`: {address: address},
		`{"url":"` + url + `x"}`:              {},
		`{"fileID":"` + string(id) + `","url":"` + url + `"}`: {id, address},
	} {
		if got := fileNamed(data); got != want {
			t.Errorf("%s names %v, want %v", data, got, want)
		}
	}
}
