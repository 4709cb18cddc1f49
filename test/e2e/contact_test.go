package e2e

import (
	"fmt"
	"testing"

	"parlor/test/env/servertest"
)

// TestContacts walks through a contact list's life; counts are of what really changed.
func TestContacts(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b", "c", "d")
		row := func(owner, contact string, deleted any) obj {
			return obj{"ownerXCUserID": owner, "contactXCUserID": contact, "isDeleted": deleted}
		}
		steps := []struct {
			name              string
			rows              list
			inserted, deleted int
		}{
			{"two, and a deletion of none", list{row("a", "b", nil), row("a", "c", false), row("a", "d", true)}, 2, 0},
			{"again", list{row("a", "b", nil), row("a", "c", nil)}, 0, 0},
			{"the other way is another contact", list{row("b", "a", nil)}, 1, 0},
			{"repeated in one call", list{row("c", "a", nil), row("c", "a", nil)}, 1, 0},
			{"deletions come last", list{row("c", "a", true), row("c", "a", nil)}, 0, 1},
			{"whatever the order", list{row("c", "a", nil), row("c", "a", true)}, 1, 1},
			{"gone is gone", list{row("c", "a", true)}, 0, 0},
			{"texts for booleans", list{row("a", "b", "true"), row("d", "a", "false")}, 1, 1},
			{"the other way is still there", list{row("b", "a", true)}, 0, 1},
			{"nobody and oneself", list{
				row("a", "nobody", nil), row("nobody", "a", nil), row("a", "a", nil), row("nobody", "none", true),
			}, 0, 0},
			{"the good among them", list{row("a", "nobody", nil), row("d", "b", nil), row("d", "d", nil)}, 1, 0},
		}
		for _, step := range steps {
			a := call(t, s, "contact/sync", obj{"contacts": step.rows})
			want := fmt.Sprintf(`{"countInserted":%d,"countDeleted":%d}`, step.inserted, step.deleted)
			if string(a.Data) != want {
				t.Errorf("%s: %s, want %s", step.name, a.Body, want)
			}
		}
	})
}

// TestContactRules: one bad row refuses the call, and then none of its rows counts.
func TestContactRules(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		good := obj{"ownerXCUserID": "a", "contactXCUserID": "b"}
		tests := []struct {
			name string
			rows any
			want failure
		}{
			{"absent", nil, required("contacts", "101")},
			{"empty", list{}, required("contacts", "101")},
			{"one object", good, invalid("contacts", "101", "must be a list of objects")},
			{
				"JSON text", `[{"ownerXCUserID":"a","contactXCUserID":"b"}]`,
				invalid("contacts", "101", "must be a list of objects"),
			},
			{"texts", list{"a"}, invalid("contacts", "101", "must be a list of objects")},
			{"null", list{good, nil}, invalid("contacts", "101", "must be a list of objects")},
			{"no owner", list{good, obj{"contactXCUserID": "b"}}, required("ownerXCUserID", "102")},
			{"empty owner", list{good, obj{"ownerXCUserID": "", "contactXCUserID": "b"}}, required("ownerXCUserID", "102")},
			{"no contact", list{good, obj{"ownerXCUserID": "a"}}, required("contactXCUserID", "103")},
			{
				"a number",
				list{good, obj{"ownerXCUserID": "a", "contactXCUserID": 1}},
				invalid("contactXCUserID", "103", "must be a string"),
			},
			{
				"another flag",
				list{good, obj{"ownerXCUserID": "a", "contactXCUserID": "b", "isDeleted": "yes"}},
				invalid("isDeleted", "104", "must be true or false"),
			},
			{
				"a number as a flag",
				list{good, obj{"ownerXCUserID": "a", "contactXCUserID": "b", "isDeleted": 1}},
				invalid("isDeleted", "104", "must be true or false"),
			},
			{"the first row's fault first", list{obj{"ownerXCUserID": "a"}, obj{}}, required("contactXCUserID", "103")},
		}
		for _, tt := range tests {
			refuse(t, s, "contact/sync", obj{"contacts": tt.rows}, tt.want)
		}
		a := call(t, s, "contact/sync", obj{"contacts": list{good}})
		if string(a.Data) != `{"countInserted":1,"countDeleted":0}` {
			t.Errorf("a refused call added the contact: %s", a.Body)
		}
	})
}
