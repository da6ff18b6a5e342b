package hygiene

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// threats are the rows of the threat model that docs/security.md answers.
func threats() []string {
	return []string{
		"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14", "F15", "F16",
		"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C19", "C20", "C21",
		"Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Y8", "Y9", "Y10", "Y11",
		"O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "O10", "O11", "O12", "O13", "O14", "O15",
	}
}

// securityPage returns the page, and the cells of its tables by their first one.
func securityPage(t *testing.T) (page string, rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 3 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells[1:len(cells)-1])
	}
	return string(text), rows
}

// TestSecurityPage holds docs/security.md to the code: every threat has a row with
// tests, or with the reason why there is none, and all that it names exists.
func TestSecurityPage(t *testing.T) {
	page, rows := securityPage(t)
	for _, id := range threats() {
		i := slices.IndexFunc(rows, func(r []string) bool { return r[0] == id })
		if i < 0 {
			t.Errorf("there is no row %s", id)
			continue
		}
		row := rows[i]
		if len(row) != 4 || (row[3] == "") != strings.HasPrefix(row[2], "No test: ") {
			t.Errorf("%s has neither a test nor the reason why not, or both: %q", id, row)
		}
	}
	tests := testNames(t)
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(page, -1) {
		if !tests[name[1]] {
			t.Errorf("there is no test %s", name[1])
		}
	}
	for _, name := range regexp.MustCompile("`([a-z0-9-]+\\.txt)`").FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join("../../cmd/kube-cert-audit/testdata/script", name[1])); err != nil {
			t.Error(err)
		}
	}
}

// testNames returns the names of all tests and fuzz targets.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && s.isTest() && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// TestLimitsAreDocumented compares the table of limits with the constants.
func TestLimitsAreDocumented(t *testing.T) {
	_, rows := securityPage(t)
	all := map[string]map[string]int64{} // by file
	for _, s := range sources(t) {
		all[s.path] = constants(s)
	}
	documented := map[string]bool{} // file, name
	for _, row := range rows {
		if name := strings.Trim(row[0], "`"); len(row) == 4 && strings.HasPrefix(name, "max") {
			file := strings.Trim(row[2], "`")
			documented[file+" "+name] = true
			want, err := number(row[1])
			if got := all[file][name]; err != nil || got != want {
				t.Errorf("%s in %s is %d, documented as %s (%v)", name, file, got, row[1], err)
			}
		}
	}
	for file, found := range all {
		isLimited := slices.Contains([]string{"audit", "internal/diff", "manifests", "rules", "internal/hostfs", "internal/systemd"}, filepath.Dir(file))
		for name := range found {
			if isLimited && strings.HasPrefix(name, "max") && !strings.HasSuffix(file, "_test.go") && !documented[file+" "+name] {
				t.Errorf("%s in %s is not in the table of limits of docs/security.md", name, file)
			}
		}
	}
}

// number reads a number as people write it: 20,000, 4 MiB.
func number(text string) (int64, error) {
	digits, unit, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(strings.ReplaceAll(digits, ",", ""), 10, 64)
	switch unit {
	case "KiB":
		n <<= 10
	case "MiB":
		n <<= 20
	}
	return n, err
}

// constants returns the numeric constants of a file.
func constants(s source) map[string]int64 {
	found := map[string]int64{}
	for _, decl := range s.file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, spec := range d.Specs {
			v := spec.(*ast.ValueSpec)
			if len(v.Names) != 1 || len(v.Values) != 1 {
				continue
			}
			value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, types.ExprString(v.Values[0]))
			if err != nil || value.Value == nil {
				continue
			}
			if n, exact := constant.Int64Val(constant.ToInt(value.Value)); exact {
				found[v.Names[0].Name] = n
			}
		}
	}
	return found
}
