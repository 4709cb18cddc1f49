package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pkg is one package of the module, as its files declare it.
type pkg struct {
	imports []string // the module's own, by their last element, of files that are no tests
	names   []string // what it declares: "Name", and "Type.Method" or "Type.field"
}

func packages(t *testing.T) map[string]*pkg {
	t.Helper()
	all := map[string]*pkg{}
	for _, file := range files(t, ".go") {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(file)
		if all[dir] == nil {
			all[dir] = &pkg{}
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, i := range f.Imports {
			if to, _ := strconv.Unquote(i.Path.Value); strings.HasPrefix(to, "parlor/") {
				all[dir].imports = append(all[dir].imports, path.Base(to))
			}
		}
		for _, d := range f.Decls {
			all[dir].names = append(all[dir].names, declared(d)...)
		}
	}
	return all
}

func declared(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		switch generic := of.(type) {
		case *ast.IndexExpr:
			of = generic.X
		case *ast.IndexListExpr:
			of = generic.X
		}
		if name, ok := of.(*ast.Ident); ok {
			return []string{name.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
				if st, ok := s.Type.(*ast.StructType); ok {
					for _, field := range st.Fields.List {
						for _, n := range field.Names {
							names = append(names, s.Name.Name+"."+n.Name)
						}
					}
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

// TestPackages compares the list of packages with the packages, and what each may import
// with what it imports.
func TestPackages(t *testing.T) {
	tab := parse(t, "ARCHITECTURE.md").table(t, "Packages", "package")
	real := packages(t)
	var dirs []string
	for dir := range real {
		dirs = append(dirs, dir)
	}
	same(t, "packages", tab.names("package"), dirs)
	for _, row := range tab.rows {
		name := strings.Trim(tab.cell(row, "package"), "`")
		may := tab.cell(row, "may import")
		if may == "all" || real[name] == nil {
			continue
		}
		for _, i := range real[name].imports {
			if !slices.Contains(quoted(may), i) {
				t.Errorf("%s imports %s, which the document does not allow", name, i)
			}
		}
	}
}

var qualified = regexp.MustCompile(`^([a-z]+)\.(\w+(?:\.\w+)?)$`)

// TestNames looks for every function, type and file that the architecture speaks of, and those
// who contribute are sent to.
func TestNames(t *testing.T) {
	real := packages(t)
	byName := map[string]*pkg{}
	for dir, p := range real {
		if dir != "cmd/parlor" { // "parlor." begins names of files
			byName[path.Base(dir)] = p
		}
	}
	for _, doc := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md"} {
		namesIn(t, doc, byName)
	}
}

func namesIn(t *testing.T, doc string, byName map[string]*pkg) {
	t.Helper()
	for _, l := range parse(t, doc).prose {
		for _, name := range quoted(l.text) {
			m := qualified.FindStringSubmatch(name)
			switch {
			case m != nil && byName[m[1]] != nil:
				if !slices.Contains(byName[m[1]].names, m[2]) {
					t.Errorf("%s:%d: there is no %s", doc, l.number, name)
				}
			case strings.HasPrefix(name, "internal/") || strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "test/"):
				if _, err := os.Stat(filepath.Join(root, name)); err != nil {
					t.Errorf("%s:%d: there is no %s", doc, l.number, name)
				}
			}
		}
	}
}

// TestLocks holds the list of locks to the mutexes that there are below the edges.
func TestLocks(t *testing.T) {
	var real []string
	for _, file := range files(t, ".go") {
		if strings.HasSuffix(file, "_test.go") || !strings.HasPrefix(file, "internal/") ||
			path.Dir(file) == "internal/bench" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				real = append(real, mutexes(spec)...)
			}
			return true
		})
	}
	same(t, "locks", parse(t, "ARCHITECTURE.md").table(t, "Concurrency and lock order", "lock").names("lock"), real)
}

// mutexes are the fields of a struct that are locks, as "Type.field".
func mutexes(spec *ast.TypeSpec) (names []string) {
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, field := range st.Fields.List {
		of, ok := field.Type.(*ast.SelectorExpr)
		if ok && (of.Sel.Name == "Mutex" || of.Sel.Name == "RWMutex") {
			for _, n := range field.Names {
				names = append(names, spec.Name.Name+"."+n.Name)
			}
		}
	}
	return names
}
