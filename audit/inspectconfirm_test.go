package audit

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kube-cert-audit/internal/hostfs"
)

// TestInspectDuringRenewal: a renewal that is in progress is no fault, unless it
// takes as long as nobody waits.
func TestInspectDuringRenewal(t *testing.T) {
	root := inMemory(t)
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	var pairs [][2]string // as many as are not over before the last look: no renewal brings back what was there
	for range 200 {
		c := issue(t, "leaf", nil)
		pairs = append(pairs, [2]string{c.key(), c.pem()})
	}
	start := time.Now()
	var begun, longest atomic.Int64 // of the steps; one that is held up right now counts as well
	held := func() time.Duration {
		return time.Duration(max(longest.Load(), int64(time.Since(start))-begun.Load()))
	}
	renew := func(n int) error {
		for i, name := range []string{"x.key", "x.crt"} {
			longest.Store(int64(held()))
			begun.Store(int64(time.Since(start)))
			if err := os.WriteFile(filepath.Join(root, name), []byte(pairs[n%len(pairs)][i]), 0o600); err != nil {
				return err
			}
			time.Sleep(2 * time.Millisecond)
		}
		return nil
	}
	fsys := system(t)
	beside(t, 2*time.Millisecond, renew, func() {
		time.Sleep(20 * time.Millisecond)
		for range often(10, 1000) {
			for _, f := range Inspect(fsys, []string{root}, inspectOptions()).Findings {
				if f.Check != "unverifiable" && held() < pauses()[0] {
					t.Errorf("%s %s: %s", f.Check, f.Path, f.Message)
				}
			}
		}
	})
}

// TestInspectConfirms: what stays as it is stands.
func TestInspectConfirms(t *testing.T) {
	root := plantFiles(t, map[string]string{
		"x.crt": issue(t, "leaf", nil).pem(), "x.key": issue(t, "leaf", nil).key(), "y.crt": issue(t, "y", nil).pem()[:200],
	})
	r := Inspect(system(t), []string{root}, inspectOptions())
	checkFound(t, r, root, []string{"error key-mismatch x.crt: ", "error unreadable y.crt: "})
}

// TestInspectWithdraws: what is withdrawn is the finding, and nothing beside it.
func TestInspectWithdraws(t *testing.T) {
	root := plantFiles(t, map[string]string{
		"a.crt": "x", "b.crt": "x", "c.crt": "x", "x.crt": issue(t, "leaf", nil).pem(), "x.key": issue(t, "leaf", nil).key(),
	})
	i := inspect(system(t), []string{root}, inspectOptions())
	i.withdraw(map[string]bool{filepath.Join(root, "b.crt"): true, filepath.Join(root, "x.key"): true})
	r := i.report([]string{root})
	checkFound(t, r, root, []string{
		"error unreadable a.crt: ", "error unreadable c.crt: ",
		"info unverifiable b.crt: the file keeps changing while it is read, and was not judged by the check unreadable",
		"info unverifiable x.crt: the file keeps changing while it is read, and was not judged by the check key-mismatch",
	})
	if r.Summary.Error != 2 || r.Summary.Info != 2 {
		t.Errorf("%+v", r.Summary)
	}
}

// TestInspectIsLate: the time may be up before all is read.
func TestInspectIsLate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	root := plantFiles(t, map[string]string{"x.crt": issue(t, "leaf", nil).pem()})
	fsys, err := hostfs.NewWithin(ctx, "/", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	cancel()
	r := Inspect(fsys, []string{filepath.Join(root, "x.crt")}, inspectOptions())
	if r.Coverage != (Coverage{References: 1, Unreadable: 1, TimedOut: 1}) || len(r.Findings) != 1 {
		t.Errorf("%+v, %q", r.Coverage, foundIn(r, root))
	}
}

// TestInspectTellsNoSecret: no part of a key gets into a report, however broken
// its file is.
func TestInspectTellsNoSecret(t *testing.T) {
	leaf := issue(t, "leaf", nil)
	key := leaf.key()
	body := strings.Split(key, "\n")[1]
	files := map[string]string{
		"whole.key": key, "cut.key": key[:len(key)-40], "glued.key": strings.ReplaceAll(key, "\n", ""), "escaped.key": strings.ReplaceAll(key, "\n", `\n`),
		"bare.key": body, "label.key": strings.Replace(key, "PRIVATE KEY-----\n", "", 1), "x.crt": leaf.pem() + key, "twice.key": encoded(key),
		"user.kubeconfig": kubeconfigOf(leaf.pem(), leaf.pem(), key), "broken.kubeconfig": "kind: Config\nusers: [" + key,
		"token.kubeconfig": "users:\n- name: a\n  user: {token: " + body + ", password: " + body + "}\n",
		"csr.yaml":         "kind: CertificateSigningRequest\nspec: {request: " + encoded(key) + "}\n",
	}
	text, err := json.Marshal(inspected(t, inspectOptions(), plantFiles(t, files)))
	if err != nil {
		t.Fatal(err)
	}
	for part := body; len(part) >= 16; part = part[1:] {
		if strings.Contains(string(text), part[:16]) {
			t.Fatalf("a part of the key is told: %s", text)
		}
	}
}

// Whatever a file holds, it has one outcome, it is told the same each time, and
//   - every row and every finding is about it;
//   - what gives nothing is told;
//   - found in a folder, it gives the same rows, or none.
func FuzzInspect(f *testing.F) {
	leaf := issue(f, "leaf", nil)
	csr := request(f, leaf.private)
	for _, text := range []string{
		"", leaf.pem(), leaf.pem() + leaf.key(), string(leaf.Raw), pemOf("CERTIFICATE REQUEST", csr), string(csr),
		kubeconfigOf(leaf.pem(), leaf.pem(), leaf.key()), "kind: CertificateSigningRequest\nspec: {request: " + encoded(pemOf("CERTIFICATE REQUEST", csr)) + "}\n",
	} {
		f.Add([]byte(text))
	}
	fsys := system(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := inspect(fsys, []string{file}, inspectOptions()).report(nil)
		if c := r.Coverage; c.References != 1 || c.Examined+c.Unreadable != 1 {
			t.Errorf("%+v", c)
		}
		if len(r.Certificates)+len(r.Requests)+len(r.Keys)+len(r.Findings) == 0 {
			t.Error("nothing is told")
		}
		for _, f := range r.Findings {
			if f.Path != file || f.Message == "" || f.Impact == "" {
				t.Errorf("%+v", f)
			}
		}
		rows := rowsOf(r, "")
		again := rowsOf(inspect(fsys, []string{filepath.Dir(file)}, inspectOptions()).report(nil), "")
		if len(again) > 0 && strings.Join(rows, "\n") != strings.Join(again, "\n") {
			t.Errorf("%q, in a folder %q", rows, again)
		}
	})
}
