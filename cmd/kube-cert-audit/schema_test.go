package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

// TestSchemaHoldsForRealOutput validates what the program prints of whole nodes,
// sound and broken ones, against the published schema.
func TestSchemaHoldsForRealOutput(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{
		"audit": compile(t, report.Schema()), "forecast": compile(t, report.ForecastSchema()),
	}
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for name, spec := range map[string]*pkitest.Spec{
		"kubeadm": pkitest.Kubeadm(at), "hardened": pkitest.Hardened(at), "worker": pkitest.Worker(at),
		"external etcd": pkitest.ExternalEtcd(at), "external CA": pkitest.ExternalCA(at),
	} {
		tree, err := spec.Build()
		if err != nil {
			t.Fatal(err)
		}
		validate(t, schemas, name, tree)
		for file := range tree.Files {
			if strings.HasSuffix(file, ".crt") {
				tree.Files[file].Data = []byte("\x1b[2J\xff no certificate")
			}
		}
		validate(t, schemas, name+", broken", tree)
	}
	demo, _, err := pkitest.Demo(at)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schemas, "demo", demo)
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate holds the output of some commands on a node to the schema of each.
func validate(t *testing.T, schemas map[string]*jsonschema.Schema, name string, tree *pkitest.Tree) {
	t.Helper()
	root := t.TempDir() + "/node"
	if err := tree.Write(root); err != nil {
		t.Fatal(err)
	}
	for command, schema := range schemas {
		validateOutput(t, schema, name+", "+command, command, "--root", root, "--output", "json")
	}
}

func validateOutput(t *testing.T, schema *jsonschema.Schema, name string, args ...string) {
	t.Helper()
	var out, errors bytes.Buffer
	p := process{
		name: programName, args: args, getenv: func(string) string { return "" },
		stdout: &out, stderr: &errors, now: time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC),
	}
	if code := p.run(); code == exitNotAudited {
		t.Fatalf("%s: %s", name, errors.Bytes())
	}
	document, err := jsonschema.UnmarshalJSON(&out)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
