package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"parlor/internal/httpapi"
)

// BenchmarkParseParams reads what a caller can make the largest bodies of.
func BenchmarkParseParams(b *testing.B) {
	const size = httpapi.MaxRequestBody
	var keys strings.Builder
	for i := 0; keys.Len() < size-20; i++ {
		fmt.Fprintf(&keys, `,"%x":1`, i)
	}
	objects := func(keys, n int) string {
		var inner strings.Builder
		for i := range keys {
			fmt.Fprintf(&inner, `,"%x":1`, i)
		}
		object := `,{` + inner.String()[1:] + `}`
		return `{"a":[` + strings.Repeat(object, n)[1:] + `]}`
	}
	for name, body := range map[string]string{
		"room":            `{"xcRoomID":"ORD-1001","type":2,"name":"Order","participantXCUserIDs":["ana","bo"]}`,
		"tiny keys":       `{` + keys.String()[1:] + `}`,
		"tiny keys below": `{"a":{` + keys.String()[1:size-40] + `}`,
		"objects of 60":   objects(60, 2450),
		"objects of 190":  objects(190, 780),
		"objects of 900":  objects(900, 166),
		"tiny values":     `{"a":[` + strings.Repeat("1,", size/2-10) + `1]}`,
		"empty lists":     `{"a":[` + strings.Repeat("[],", size/3-10) + `1]}`,
		"one long text":   `{"a":"` + strings.Repeat("x", size-10) + `"}`,
		"escapes":         `{"a":"` + strings.Repeat(`\\\"`, size/4-10) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				p := httpapi.ParseParams([]byte(body))
				p.Has("a")
			}
		})
	}
}
