package httpapi_test

import (
	"slices"
	"testing"

	"parlor/internal/httpapi"
)

// TestInts: what is no number of the range is a fault, and is never left out.
func TestInts(t *testing.T) {
	tests := []struct {
		name, value string // "" for absent
		want        []int64
		message     string
	}{
		{"absent", "", nil, ""},
		{"null", "null", nil, ""},
		{"empty", "[]", []int64{}, ""},
		{"numbers", "[2,4,2]", []int64{2, 4, 2}, ""},
		{"no list", "2", nil, "Param 'n' must be a list of whole numbers"},
		{"an object", "{}", nil, "Param 'n' must be a list of whole numbers"},
		{"a text", `["2"]`, nil, "Param 'n' must be a list of whole numbers"},
		{"a null", "[2,null]", nil, "Param 'n' must be a list of whole numbers"},
		{"a fraction", "[2.5]", nil, "Param 'n' must be a list of whole numbers"},
		{"a huge number", "[99999999999999999999]", nil, "Param 'n' must be a list of whole numbers"},
		{"low", "[1,0]", nil, "Param 'n' must have numbers from 1 to 4"},
		{"high", "[5]", nil, "Param 'n' must have numbers from 1 to 4"},
		{"many", "[1,1,1,1]", nil, "Param 'n' must have at most 3 entries"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := "{}"
			if tt.value != "" {
				body = `{"n":` + tt.value + `}`
			}
			p := httpapi.ParseParams([]byte(body))
			got, message := p.Ints("n", 3, 1, 4), ""
			if err := p.Err(); err != nil {
				message = err.Error()
			}
			if !slices.Equal(got, tt.want) || (got == nil) != (tt.want == nil) || message != tt.message {
				t.Errorf("%v, %q; want %v, %q", got, message, tt.want, tt.message)
			}
		})
	}
}
