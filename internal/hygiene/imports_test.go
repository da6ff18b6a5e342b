package hygiene

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "kube-cert-audit/"

// pkg is what the Go tool knows of a package, tests aside.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string // by its own files
	Deps       []string // and by theirs
}

// list returns the packages of the module and those that they need.
func list(t *testing.T) map[string]pkg {
	t.Helper()
	command := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", "./...")
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Logf("%s", e.Stderr)
		}
		t.Fatal(err)
	}
	packages := map[string]pkg{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// TestForbiddenImports holds the packages to the one direction in which they may
// know of each other: cmd → report → internal/diff → audit → {manifests, rules}.
func TestForbiddenImports(t *testing.T) {
	tests := []struct {
		pkg     string
		imports string
		because string
	}{
		{"rules", module + "manifests", "a check judges what it is given, wherever it was configured"},
		{"rules", module + "audit", "the driver knows the checks, not they the driver"},
		{"rules", module + "report", "a check says what is wrong, not how that looks"},
		{"rules", module + "internal/hostfs", "a check that opens files cannot be tested by a value"},
		{"rules", "os", "a check is a pure function of its subject"},
		{"rules", "net/http", "an audit opens no connection"},
		{"rules", "github.com/urfave/cli/v2", "limits come as values, not as flags"},
		{"manifests", "crypto/x509", "what is configured is one question, whether it holds another"},
		{"manifests", "crypto/tls", "the same"},
		{"manifests", module + "rules", "it reports every argument, whether or not a rule needs it"},
		{"manifests", module + "audit", "audit joins manifests and rules, not they each other"},
		{"manifests", module + "report", "it finds; it shows nothing"},
		{"manifests", "os", "hostfs is the only way to a file of the node"},
		{"audit", module + "report", "the report must not depend on how it is shown"},
		{"audit", "os", "hostfs is the only way to a file of the node"},
		{"audit", "github.com/urfave/cli/v2", "options come as values, not as flags"},
		{"audit", "github.com/olekukonko/tablewriter", "tables are made by the report"},
		{"audit", "github.com/fatih/color", "colours are the report's"},
		{"audit", module + "internal/diff", "a report knows of no other"},
		{"internal/diff", module + "report", "what changed must not depend on how it is shown"},
		{"internal/diff", module + "internal/hostfs", "it compares what was found, and finds nothing"},
		{"internal/diff", "os", "a report is a reader, wherever it comes from"},
		{"internal/diff", "crypto/x509", "it compares what was decoded; it decodes nothing"},
		{"internal/diff", "github.com/urfave/cli/v2", "options come as values, not as flags"},
		{"report", "os", "a format is a function of a report and a writer"},
		{"report", "crypto/x509", "it shows what was decoded; it decodes nothing"},
		{"report", module + "internal/hostfs", "it opens nothing"},
		{"report", "github.com/urfave/cli/v2", "options come as values, not as flags"},
		{"internal/hostfs", module + "manifests", "it knows nothing of Kubernetes"},
		{"internal/hostfs", module + "rules", "it judges nothing"},
		{"internal/systemd", module + "manifests", "it knows nothing of Kubernetes"},
		{"internal/systemd", module + "audit", "it judges nothing"},
		{"internal/systemd", "crypto/x509", "it knows nothing of what the words mean"},
		{"internal/systemd", "os", "hostfs is the only way to a file of the node"},
		{"internal/pkitest", module + "manifests", "a node that is made by the code under test proves nothing"},
		{"internal/pkitest", module + "rules", "the same"},
		{"internal/pkitest", module + "audit", "the same"},
		{"internal/pkitest", module + "report", "the same"},
		{"internal/pkitest", "testing", "the demonstration makes its node with it, in the program itself"},
		{"internal/display", module + "manifests", "it is at the bottom: all may use it"},
		{"internal/atomicfile", module + "report", "it knows nothing of what the files hold"},
		{"cmd/kube-cert-audit", module + "internal/hangtest", "mounting is for tests alone"},
		{"cmd/kube-cert-audit", module + "internal/testkit", "it is for tests alone"},
		{"audit", module + "internal/testkit", "the same"},
		{"manifests", module + "internal/testkit", "the same"},
		{"internal/pkitest", module + "internal/testkit", "the same"},
		{"internal/testkit", "testing", "scripts use it too, which are no test of their own"},
		{"cmd/kube-cert-audit", "testing", "the program must not behave differently in tests"},
	}
	packages := list(t)
	for _, tt := range tests {
		p, ok := packages[module+tt.pkg]
		if !ok {
			t.Errorf("there is no package %s", tt.pkg)
			continue
		}
		if slices.Contains(p.Imports, tt.imports) {
			t.Errorf("%s imports %s; it must not: %s", tt.pkg, tt.imports, tt.because)
		}
	}
}

// TestNothingThatReachesOut looks at all that is linked into the program.
func TestNothingThatReachesOut(t *testing.T) {
	packages := list(t)
	for name, because := range map[string]string{
		"net/http": "an audit opens no connection, and the package alone is a third of a program",
		"os/exec":  "a program that runs as root must not run others",
		"plugin":   "the same",
	} {
		for path, p := range packages {
			if !p.Standard && slices.Contains(p.Imports, name) {
				t.Errorf("%s imports %s: %s", path, name, because)
			}
		}
		if slices.Contains(packages[module+"cmd/kube-cert-audit"].Deps, name) {
			t.Errorf("%s is linked into the program: %s", name, because)
		}
	}
}
