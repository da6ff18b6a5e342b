package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/internal/testkit"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts")

// now is the time of all tests, made that of the sample nodes.
func now() time.Time  { return time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC) }
func made() time.Time { return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) }

func TestMain(m *testing.M) {
	run := func() { os.Exit(start(now())) }
	testscript.Main(m, map[string]func(){
		programName: run, "kubectl-cert_audit": run, "kubectl_complete-cert_audit": run,
		"kubeadm": fakeKubeadm, "systemctl": fakeSystemctl,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			nodes, err := filepath.Abs(filepath.Join("..", "..", "testdata", "nodes"))
			e.Setenv("NODES", nodes)
			e.Setenv("SCHEMAS", filepath.Join(nodes, "..", "..", "report", "testdata", "schemas"))
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return err
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "root":
				return os.Geteuid() == 0, nil
			case "hanging":
				return canHang(t), nil
			}
			return false, errors.New("unknown condition")
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":   code,
			"hang":   hang,
			"node":   node,
			"unpack": unpack,
		},
	})
}

// code runs the program and checks its exit code: code N [ARG...].
func code(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(programName, args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// node writes a sample node: node KIND DIR.
func node(ts *testscript.TestScript, _ bool, args []string) {
	kinds := map[string]func(time.Time) *pkitest.Spec{
		"healthy":       pkitest.Hardened,
		"kubeadm":       pkitest.Kubeadm,
		"worker":        pkitest.Worker,
		"external-etcd": pkitest.ExternalEtcd,
		"external-ca":   pkitest.ExternalCA,
	}
	dir := ts.MkAbs(args[1])
	if spec := kinds[args[0]]; spec != nil {
		ts.Check(spec(made()).Write(dir))
		return
	}
	if args[0] != "demo" {
		ts.Fatalf("unknown kind of node %q", args[0])
	}
	tree, _, err := pkitest.Demo(now())
	ts.Check(err)
	ts.Check(tree.Write(dir))
}

// unpack unpacks a node that kubeadm itself made: unpack ARCHIVE DIR.
func unpack(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(testkit.Unpack(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
}
