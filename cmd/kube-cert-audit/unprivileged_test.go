package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/pkitest"
)

const nobody = 65534

// sharedDir returns a new folder that every user can enter.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// asNobody runs the program as a user who owns nothing.
func asNobody(t *testing.T, args ...string) result {
	t.Helper()
	command := program(t, args...)
	if os.Geteuid() == 0 {
		self, err := os.ReadFile(command.Path)
		if err != nil {
			t.Fatal(err)
		}
		command.Path = filepath.Join(sharedDir(t), "program")
		if err := os.WriteFile(command.Path, self, 0o755); err != nil {
			t.Fatal(err)
		}
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return finish(t, command)
}

// openNode writes a node of which everybody may read all but the private keys
// and what holds them, and returns how many files those are.
func openNode(t *testing.T, withKeys bool) (root string, closed int) {
	t.Helper()
	root = filepath.Join(sharedDir(t), "node")
	tree, err := pkitest.Hardened(made()).Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tree.Files {
		isSecret := bytes.Contains(f.Data, []byte("PRIVATE KEY-----")) || bytes.Contains(f.Data, []byte("client-key-data"))
		switch {
		case f.Mode.IsDir():
			f.Mode = fs.ModeDir | 0o755
		case isSecret && !withKeys:
			f.Mode = 0o200 // not even its owner, who may run this test
			closed++
		default:
			f.Mode = 0o644
		}
	}
	if err := tree.Write(root); err != nil {
		t.Fatal(err)
	}
	return root, closed
}

// A user who may not read everything gets what can be read, each file that cannot
// with its reason, and an exit code that is no verdict on the node.
func TestWithoutPrivileges(t *testing.T) {
	root, closed := openNode(t, false)
	r := asNobody(t, "audit", "--root", root, "--output", "json", "--fail-on", "never")
	var got audit.Report
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
		t.Fatal(err)
	}
	denied := map[string]bool{}
	for _, f := range got.Findings {
		if strings.Contains(f.Message, "permission denied") {
			denied[f.Path] = true
		}
	}
	if r.code != exitNotAudited || len(denied) != closed || got.Coverage.Denied == 0 || len(got.Certificates) < 10 {
		t.Errorf("exit code %d, %d of %d files told, %d certificates: %+v", r.code, len(denied), closed, len(got.Certificates), got.Coverage)
	}
	if c := got.Coverage; c.Examined+c.Unreadable+c.Unverifiable != c.References {
		t.Errorf("%+v do not add up", c)
	}
	if lines := strings.Split(r.stderr, "\n"); len(lines) != 3 || !strings.HasPrefix(lines[1], "hint: sudo ") {
		t.Errorf("%q", r.stderr)
	}
}

// Where all can be read, nobody needs to be root.
func TestWithoutPrivilegesNorSecrets(t *testing.T) {
	root, _ := openNode(t, true)
	if r := asNobody(t, "audit", "--root", root, "--skip", "file-permissions"); r.code != exitOK || r.stderr != "" {
		t.Errorf("exit code %d: %s\n%s", r.code, r.stderr, r.stdout)
	}
}
