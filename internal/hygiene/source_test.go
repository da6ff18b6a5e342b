package hygiene

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// source is one Go file of the module.
type source struct {
	path string // relative to the root of the module
	fset *token.FileSet
	file *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) errorf(t *testing.T, node ast.Node, format string, args ...any) {
	t.Helper()
	t.Errorf("%s:%d: "+format, append([]any{s.path, s.fset.Position(node.Pos()).Line}, args...)...)
}

// sources returns all Go files of the module.
func sources(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	var all []source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, source{strings.TrimPrefix(path, root+"/"), fset, file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestClockAndExit: the time and the end of the program are main's. A report has
// one time for all that it says, and what is deferred is done.
func TestClockAndExit(t *testing.T) {
	forbidden := map[string][]string{
		"time": {"Now", "Since", "Until", "After", "Tick"},
		"os":   {"Exit"},
		"log":  {"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln"},
	}
	for _, s := range sources(t) {
		if s.isTest() || s.path == "cmd/kube-cert-audit/main.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				name, _ := selector.X.(*ast.Ident)
				if name != nil && slices.Contains(forbidden[name.Name], selector.Sel.Name) {
					s.errorf(t, n, "%s.%s is for main alone", name.Name, selector.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestNoHiddenState: nothing happens before main, and two audits in one process
// do not see each other.
func TestNoHiddenState(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					s.errorf(t, d, "func init: call it where it is needed")
				}
			case *ast.GenDecl:
				// The linker and the compiler set some, once.
				isSet := strings.Contains(s.text(d.Doc), "//go:embed") || s.path == "cmd/kube-cert-audit/version.go"
				if d.Tok == token.VAR && !isSet {
					s.errorf(t, d, "package variable: make it a function or a field")
				}
			}
		}
	}
}

func (s source) text(comments *ast.CommentGroup) string {
	text := ""
	if comments != nil {
		for _, c := range comments.List {
			text += c.Text + "\n" // CommentGroup.Text leaves directives out
		}
	}
	return text
}

// TestSizes: what does not fit a few screens is two files, or two functions.
// Tables may be as long as they are.
func TestSizes(t *testing.T) {
	const maxFile, maxFunction = 400, 60
	for _, s := range sources(t) {
		if ast.IsGenerated(s.file) {
			continue
		}
		if lines := s.fset.File(s.file.FileStart).LineCount(); lines > maxFile {
			t.Errorf("%s has %d lines, %d at most", s.path, lines, maxFile)
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || s.isTest() {
				continue
			}
			if lines := s.lines(f) - s.lines(table(f)); lines > maxFunction {
				s.errorf(t, f, "%s has %d lines, %d at most", f.Name.Name, lines, maxFunction)
			}
		}
	}
}

// lines returns the number of lines that a node takes.
func (s source) lines(n ast.Node) int {
	if n == nil {
		return 0
	}
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// table returns the literal that a function ends with, or nil.
func table(f *ast.FuncDecl) ast.Node {
	if len(f.Body.List) > 0 {
		if last, ok := f.Body.List[len(f.Body.List)-1].(*ast.ReturnStmt); ok && len(last.Results) == 1 {
			if literal, ok := last.Results[0].(*ast.CompositeLit); ok {
				return literal
			}
		}
	}
	return nil
}

// TestDocumented: every package, and every exported name of one, says what it is.
func TestDocumented(t *testing.T) {
	documented := map[string]bool{} // folders
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		dir := filepath.Dir(s.path)
		documented[dir] = documented[dir] || s.file.Doc != nil
		for _, decl := range s.file.Decls {
			for name, doc := range exported(decl) {
				if doc == nil {
					s.errorf(t, name, "%s has no comment", name.Name)
				}
			}
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// exported returns the exported names of a declaration with their comments. A
// comment on a group counts for all of it.
func exported(decl ast.Decl) map[*ast.Ident]*ast.CommentGroup {
	found := map[*ast.Ident]*ast.CommentGroup{}
	add := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		if name.IsExported() {
			found[name] = nil
			for _, c := range comments {
				if c != nil {
					found[name] = c
				}
			}
		}
	}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || isExported(d.Recv.List[0].Type) {
			add(d.Name, d.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add(s.Name, d.Doc, s.Doc, s.Comment)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					add(name, d.Doc, s.Doc, s.Comment)
				}
			}
		}
	}
	return found
}

// isExported reports whether the type of a receiver is exported.
func isExported(receiver ast.Expr) bool {
	for {
		switch e := receiver.(type) {
		case *ast.StarExpr:
			receiver = e.X
		case *ast.IndexExpr: // type parameters
			receiver = e.X
		case *ast.Ident:
			return e.IsExported()
		default:
			return false
		}
	}
}
