package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parlor/internal/powertalk/serverapi"
)

// TestEveryServerCallHasAMethod: whoever adds a call of the server API adds it to the Go client, too.
func TestEveryServerCallHasAMethod(t *testing.T) {
	files, err := filepath.Glob("../../client/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	for _, e := range serverapi.Endpoints(nil) {
		path := strings.TrimPrefix(e.Path, "/server/")
		// Some are put together of two parts.
		last := path[strings.LastIndexByte(path, '/')+1:]
		if !strings.Contains(code.String(), path+`"`) && !strings.Contains(code.String(), `"`+last+`"`) {
			t.Errorf("nothing calls %s", e.Path)
		}
	}
}
