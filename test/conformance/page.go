package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The lines around what is made, of which the page has three: the summary, the calls and the
// methods.
const (
	begin = "<!-- made by go generate ./test/conformance -->\n"
	end   = "<!-- end of what is made -->\n"
)

// Page fills in what docs/compatibility.md says of the SDKs.
func Page(page []byte) ([]byte, error) {
	areas, err := ClientAPI()
	if err != nil {
		return nil, err
	}
	methods, err := WebSDK()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	rest := page
	for _, text := range []string{summary(areas, methods), callTables(areas), methodTables(methods)} {
		before, behind, found := bytes.Cut(rest, []byte(begin))
		_, after, closed := bytes.Cut(behind, []byte(end))
		if !found || !closed {
			return nil, errors.New("a place for what is made is missing")
		}
		out.Write(before)
		out.WriteString(begin + text + end)
		rest = after
	}
	out.Write(rest)
	return out.Bytes(), nil
}

func summary(areas []Area, methods []Methods) string {
	var b strings.Builder
	b.WriteString("| of | there are | served | later |\n| --- | --- | --- | --- |\n")
	row := func(what string, counts func(Call) bool) {
		var n, served int
		for _, a := range areas {
			for _, c := range a.Calls {
				if counts(c) {
					n++
					if c.Served {
						served++
					}
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", what, n, served, n-served)
	}
	row("calls that the SDKs make", func(c Call) bool { return c.SDKs != "" })
	for _, sdk := range []string{"web", "Android", "iOS"} {
		row("those of the "+sdk+" SDK", func(c Call) bool {
			return slices.Contains(strings.Fields(c.SDKs), strings.ToLower(sdk))
		})
	}
	states := map[State]int{}
	for _, a := range methods {
		for _, m := range a.Methods {
			states[m.State()]++
		}
	}
	fmt.Fprintf(&b, "\nOf the %d methods that the web SDK exports, %d get from Parlor what they ask for, %d ask nothing of a "+
		"server, %d make a call that is not served yet, and %d cannot work on any server.\n",
		states[Served]+states[Local]+states[Later]+states[Faulty], states[Served], states[Local], states[Later], states[Faulty])
	var later []string
	for _, a := range areas {
		n := 0
		for _, c := range a.Calls {
			if !c.Served {
				n++
			}
		}
		if n > 0 {
			later = append(later, fmt.Sprintf("%s (%d)", lower(a.Area), n))
		}
	}
	if len(later) > 0 {
		fmt.Fprintf(&b, "\nThe calls that come later are about: %s.\n", strings.Join(later, ", "))
	}
	return b.String()
}

func callTables(areas []Area) string {
	var b strings.Builder
	for _, a := range areas {
		fmt.Fprintf(&b, "### %s\n\n| call | made by | fields that SDKs rely on | |\n| --- | --- | --- | --- |\n", a.Area)
		for _, c := range a.Calls {
			name, state := "`"+c.Call+"`", "later"
			if c.Served {
				name, state = fmt.Sprintf("[`%s`](protocol/client-api.md#%s)", c.Call, anchor(c.Call)), "served"
			}
			by := strings.Join(strings.Fields(c.SDKs), ", ")
			if by == "" {
				by = "an extension of Parlor's"
			}
			var must []string
			for _, field := range slices.Sorted(maps.Keys(c.Must)) {
				must = append(must, "`"+field+"`")
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, by, strings.Join(must, ", "), state)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func methodTables(areas []Methods) string {
	var b, faults strings.Builder
	var silent []string
	for _, a := range areas {
		fmt.Fprintf(&b, "### Web SDK: %s\n\n| method | asks for | |\n| --- | --- | --- |\n", lower(a.Area))
		for _, m := range a.Methods {
			var asks []string
			for _, name := range append(slices.Clone(m.Calls), m.Events...) {
				asks = append(asks, "`"+name+"`")
			}
			manager, name, _ := strings.Cut(m.Method, ".")
			fmt.Fprintf(&b, "| %s.**%s** | %s | %s |\n", manager, name, strings.Join(asks, ", "), m.State())
			if m.Fault != "" {
				fmt.Fprintf(&faults, "| `%s` | never: %s |\n", name, m.Fault)
			}
			if m.Silent {
				silent = append(silent, "`"+name+"`")
			}
			if m.Note != "" {
				fmt.Fprintf(&faults, "| `%s` | %s |\n", name, m.Note)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("### The web SDK's own faults\n\nNo server can cure these; an app works around them.\n\n" +
		"| method | what is wrong |\n| --- | --- |\n")
	b.WriteString(faults.String())
	fmt.Fprintf(&b, "| %s | when the server refuses, the app is not told |\n", strings.Join(silent, ", "))
	return b.String()
}

// anchor is where a page of the protocol has a call.
func anchor(call string) string {
	return strings.ReplaceAll(strings.ToLower("post-v1"+call), "/", "")
}

func lower(title string) string { return strings.ToLower(title[:1]) + title[1:] }
