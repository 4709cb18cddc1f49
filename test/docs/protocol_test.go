package docs_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/cipher"
)

// limits says under which name the protocol lists each constant of internal/chat.
var limits = map[string]string{
	"MaxXCID":        "`xcRoomID`, `xcUserID`",
	"MaxRoomName":    "room name",
	"MaxFullname":    "`fullName`",
	"MaxEmail":       "`email`",
	"MaxPhone":       "`phone`",
	"MaxUsername":    "`username`",
	"MaxBio":         "`bio`",
	"MaxCountryID":   "`countryID`",
	"MaxCallingCode": "`countryCallingCode`",
	"MaxColor":       "room `color`",
	"MaxPhones":      "phone numbers in one call",

	"MaxReportCategory": "report's `category`",
	"MaxReportReason":   "report's `reason`",
	"MaxReportNote":     "report's `note`",
	"MaxReportResolver": "report's `resolvedBy`",
	"MaxFileName":       "name of a file, cut where it is longer",
	"MaxCaption":        "`caption` of an upload",
	"MaxPhotos":         "photos of a user",
	"MaxURL":            "any URL",
	"MaxTags":           "tags of a room",
	"MaxTag":            "one tag",
	"MaxRoomRoles":      "roles of a room",
	"MaxRoleCode":       "role code",
	"MaxRoleName":       "role name",
	"MaxIDs":            "ids or contacts in one call",
	"MaxFilterID":       "`filterID`",
	"MaxQuoteTitle":     "`quote.title`",
	"MaxQuoteContent":   "`quote.content`",
	"MaxQuoteFileID":    "`quote.fileID`",
	"MaxQuoteFileType":  "`quote.fileType`",
	"MaxBody":           "message body",
	"BodyPart":          "body of one stored message",
	"MaxData":           "message `data`",
	"MaxAppName":        "app name, key label",
	"MaxKeyID":          "key id",
	"MaxAnswer":         "participants or rooms in one answer",
}

func TestLimits(t *testing.T) {
	tab := parse(t, "docs/protocol/requests.md").table(t, "Limits", "what")
	documented := map[string]string{}
	for _, row := range tab.rows {
		number, _, _ := strings.Cut(tab.cell(row, "limit"), " ")
		documented[tab.cell(row, "what")] = number
	}
	for name, value := range constants(t, "internal/chat/limits.go") {
		row, listed := limits[name]
		if !listed {
			t.Errorf("chat.%s is a limit that the table does not list", name)
		} else if documented[row] != thousands(value) {
			t.Errorf("%s is %q, chat.%s is %d", row, documented[row], name, value)
		}
	}
	if got, want := documented["request body"], thousands(httpapi.MaxRequestBody); got != want {
		t.Errorf("request body is %q, want %q", got, want)
	}
}

// constants are those that a file of constants declares.
func constants(t *testing.T, path string) map[string]int64 {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, filepath.Join(root, path), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check("limits", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]int64{}
	for _, name := range pkg.Scope().Names() {
		if c, ok := pkg.Scope().Lookup(name).(*types.Const); ok {
			values[name], _ = constant.Int64Val(c.Val())
		}
	}
	if len(values) == 0 {
		t.Fatalf("%s has no constants", path)
	}
	return values
}

func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func TestErrorCodes(t *testing.T) {
	var real []string
	for _, file := range files(t, ".go") {
		if !strings.HasPrefix(file, "internal/powertalk/") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`"([45]\d{4})"`).FindAllStringSubmatch(read(t, file), -1) {
			real = append(real, m[1])
		}
	}
	tab := parse(t, "docs/protocol/requests.md").table(t, "Errors", "code")
	same(t, "error codes", tab.names("code"), real)
	fixed := tab.names("message")
	for _, err := range []error{chat.RoomNotFound(), chat.UserNotFound(), chat.Required("NAME")} {
		if !slices.Contains(fixed, err.Error()) {
			t.Errorf("the table does not have the text %q", err)
		}
	}
}

// TestSystemMessages looks for every text that Parlor writes into rooms.
func TestSystemMessages(t *testing.T) {
	tab := parse(t, "docs/protocol/system-messages.md").table(t, "System messages", "what happens")
	var real, actions []string
	for _, file := range []string{"internal/chat/message.go", "internal/powertalk/notice.go"} {
		for _, m := range regexp.MustCompile(`"(\{\{sender}} [^"]*)"`).FindAllStringSubmatch(read(t, file), -1) {
			real = append(real, strings.NewReplacer("%d", "N", "%s", "NAME").Replace(m[1]))
		}
		for _, m := range regexp.MustCompile(`"((?:room|message|user)/[a-zA-Z]+)"`).FindAllStringSubmatch(read(t, file), -1) {
			actions = append(actions, m[1])
		}
	}
	same(t, "texts", tab.names("text"), real)
	same(t, "actions", tab.names("`action`"), actions)
}

// TestCipherExample computes the worked example.
func TestCipherExample(t *testing.T) {
	got := map[string]string{}
	for _, b := range parse(t, "docs/protocol/encryption.md").blocks {
		for line := range strings.Lines(b.text) {
			if name, value, ok := strings.Cut(line, "  "); ok && b.lang == "text" {
				got[name] = strings.TrimSpace(value)
			}
		}
	}
	digit, err := strconv.Atoi(got["digit"])
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := cipher.Encrypt(got["text"], got["localID"], digit)
	if err != nil || sealed != got["result"] {
		t.Errorf("result %q, want %q (%v)", got["result"], sealed, err)
	}
	want := takeApart(t, got["localID"], got["text"], sealed)
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}
