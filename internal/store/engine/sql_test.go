package engine_test

import (
	"slices"
	"testing"

	"parlor/internal/store/engine"
)

// TestSQL: the pieces of statements mean the same on both engines.
func TestSQL(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		for _, name := range []string{"a", "b", "c", `"{,}'`} {
			write(t, lanes, makes(name))
		}
		id := func(name string) (id int64) {
			t.Helper()
			if err := eng.Row(t.Context(), `SELECT id FROM things WHERE name = $1`, name).Scan(&id); err != nil {
				t.Fatal(err)
			}
			return id
		}
		a, b := id("a"), id("b")
		for _, tt := range []struct {
			name, query string
			arg         any
			want        []string
		}{
			{
				"InList", `SELECT name FROM things WHERE ` + eng.InList("name", "$1") + ` ORDER BY name`,
				eng.ListArg([]string{"b", `"{,}'`, "none"}),
				[]string{`"{,}'`, "b"},
			},
			{"InList of nothing", `SELECT name FROM things WHERE ` + eng.InList("name", "$1"), eng.ListArg(nil), nil},
			{
				"IDInList", `SELECT name FROM things WHERE ` + eng.IDInList("id", "$1") + ` ORDER BY name`,
				eng.IDListArg([]int64{b, a, 1 << 60}),
				[]string{"a", "b"},
			},
			{"IDInList of nothing", `SELECT name FROM things WHERE ` + eng.IDInList("id", "$1"), eng.IDListArg(nil), nil},
			{
				"Ordered", `SELECT m.name || l.place FROM ` + eng.Ordered("$1") + ` l JOIN things m ON m.id = l.value ORDER BY l.place`,
				eng.IDListArg([]int64{b, a}),
				[]string{"b1", "a2"},
			},
			{
				"RowsOf", `SELECT CAST(k.a + k.b AS TEXT) FROM ` + eng.RowsOf("$1", 2) + ` k ORDER BY 1`,
				engine.JSON([][2]int64{{1, 2}, {1 << 53, 1}}),
				[]string{"3", "9007199254740993"},
			},
			{"RowsOf of nothing", `SELECT CAST(k.a AS TEXT) FROM ` + eng.RowsOf("$1", 2) + ` k`, engine.JSON[[2]int64](nil), nil},
			{
				"Pairs", `SELECT CAST(k.a + k.b AS TEXT) FROM ` + eng.Pairs("$1") + ` k ORDER BY 1`,
				eng.PairsArg([][2]int64{{1, 2}, {1 << 53, 1}, {1, 4}}),
				[]string{"3", "5", "9007199254740993"},
			},
			{"Pairs of nothing", `SELECT CAST(k.a AS TEXT) FROM ` + eng.Pairs("$1") + ` k`, eng.PairsArg(nil), nil},
			{
				"ForEach", `SELECT m.name || k.b` + eng.ForEach(eng.RowsOf("$1", 2), "things", "m.id = k.a") + ` ORDER BY 1`,
				engine.JSON([][2]int64{{a, 7}, {b, 8}, {1 << 60, 9}}),
				[]string{"a7", "b8"},
			},
			{"Some", `SELECT name FROM things WHERE ` + eng.Some("things", "id", "id <= $1", "1"), a, []string{"a"}},
			{"Greatest", `SELECT name FROM things WHERE ` + eng.Greatest("id", "$1") + ` = $1 ORDER BY name`, b, []string{"a", "b"}},
			{"ForUpdate", `SELECT name FROM things m WHERE m.id = $1` + eng.ForUpdate("m"), a, []string{"a"}},
			{"Locks", `SELECT name FROM things m WHERE m.id = $1` + eng.Locks("KEY SHARE", "m"), a, []string{"a"}},
			{"By", `SELECT name FROM things m` + eng.By("things_number") + ` WHERE m.number >= 0 AND m.id = $1`, a, []string{"a"}},
			{"SkipLocked", `SELECT name FROM things m WHERE m.id = $1` + eng.SkipLocked("m"), a, []string{"a"}},
		} {
			var got []string
			err := engine.Each(t.Context(), eng, func(r engine.Row) error {
				var name string
				err := r.Scan(&name)
				got = append(got, name)
				return err
			}, tt.query, tt.arg)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s: %q, want %q (%v)", tt.name, got, tt.want, err)
			}
		}
		err := eng.Row(t.Context(), `SELECT name FROM things WHERE name = $1`, "none").Scan(new(string))
		if !engine.NoRows(err) {
			t.Errorf("no row: %v", err)
		}
		err = eng.Row(t.Context(), "SELECT FROM nowhere").Scan(new(string))
		if err == nil || engine.NoRows(err) || eng.Away(err) {
			t.Errorf("a statement that is none: %v", err)
		}
	})
}
