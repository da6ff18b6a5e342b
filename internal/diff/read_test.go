package diff

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
)

func encode(t testing.TB, r *audit.Report) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRead(t *testing.T) {
	text := encode(t, healthy())
	for name, document := range map[string]string{
		"as written":     text,
		"blanks around":  "\n " + text + "\n\n",
		"further fields": strings.Replace(text, `"kind"`, `"later":{"a":[1,{}]},"kind"`, 1),
		"in items":       strings.ReplaceAll(text, `"serialNumber"`, `"later":[null],"serialNumber"`),
	} {
		got, err := Read(strings.NewReader(document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(healthy(), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	const nothing = `"at":"2026-12-15T00:00:00Z","coverage":{},"certificates":null,"keys":[],"connections":[],"findings":[]`
	got, err := Read(strings.NewReader(`{"apiVersion":"kube-cert-audit/v1","kind":"InspectReport",` + nothing + `}`))
	if err != nil || got.Kind != audit.KindInspect {
		t.Errorf("a report of nothing: %+v, %v", got, err)
	}
}

func TestReadRefuses(t *testing.T) {
	text := encode(t, healthy())
	tests := []struct{ name, document, want string }{
		{"nothing", "", "empty"},
		{"blanks", " \n", "empty"},
		{"text", "STATUS  COMPONENT", "not JSON: at byte 1: "},
		{"YAML", "apiVersion: kube-cert-audit/v1\n", "not JSON: at byte 1: "},
		{"a list", "[]", "no report of kube-cert-audit: not a JSON object"},
		{"another object", `{"apiVersion":"v1","kind":"Pod"}`, `its apiVersion is "v1"; this release reads kube-cert-audit/v1`},
		{"no kind", `{"a":1}`, "no report of kube-cert-audit: it has neither an apiVersion nor a kind"},
		{"a later form", strings.Replace(text, "/v1", "/v2", 1), `its apiVersion is "kube-cert-audit/v2"; this release reads kube-cert-audit/v1`},
		{"a forecast", `{"apiVersion":"kube-cert-audit/v1","kind":"Forecast"}`, `its kind is "Forecast"; AuditReport and InspectReport can be compared`},
		{"no findings", strings.Replace(text, `"findings"`, `"later"`, 1), "not a whole report: it has no findings"},
		{"next to nothing", `{"apiVersion":"kube-cert-audit/v1","kind":"AuditReport"}`, "not a whole report: it has no at"},
		{"cut off", text[:len(text)-1], "cut off: it ends in the middle of the document"},
		{"cut off in a text", text[:len(text)/2], "cut off: it ends in the middle of the document"},
		{"two", text + text, "more than one JSON document, or text behind it"},
		{"text behind it", text + "x", "more than one JSON document, or text behind it"},
		{"a list that is none", strings.Replace(text, `"keys":[`, `"keys":{"a":[`, 1), "keys: a list should stand here"},
		{"another type", strings.Replace(text, `"isCA":false`, `"isCA":"no"`, 1), "certificates[0]: cannot unmarshal string"},
		{"no time", strings.Replace(text, `"at":"2026`, `"at":"x`, 1), "at: "},
		{"unknown severity", strings.Replace(text, `"severity":"warning"`, `"severity":"fatal"`, 1), `findings[0]: severity "fatal" is none of`},
		{"no severity", strings.Replace(text, `"severity":"warning",`, "", 1), "findings[0]: it has no severity"},
		{"too deep", `{"a":` + strings.Repeat("[", 20000), "not JSON: at byte "},
	}
	for _, tt := range tests {
		if _, err := Read(strings.NewReader(tt.document)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestReadWithin(t *testing.T) {
	text := encode(t, healthy())
	if _, err := readWithin(strings.NewReader(text), int64(len(text)), 100); err != nil {
		t.Error(err)
	}
	for _, size := range []int64{10, 1000, int64(len(text)) - 1} {
		if _, err := readWithin(strings.NewReader(text), size, 100); err == nil || !strings.HasPrefix(err.Error(), "larger than ") {
			t.Errorf("%d bytes: error %v", size, err)
		}
	}
	if _, err := readWithin(strings.NewReader(text), 1<<20, 5); err == nil || !strings.Contains(err.Error(), "than any report has") {
		t.Errorf("error %v", err)
	}
}

// FuzzRead: whatever two files hold, they are refused or compared; a report has no
// differences from itself, and what is new one way is gone the other way.
func FuzzRead(f *testing.F) {
	text := encode(f, healthy())
	f.Add([]byte(text), []byte(strings.Replace(text, digest("ca"), digest("x"), 1)))
	f.Add([]byte(text), []byte(strings.Replace(text, apiPath, "/srv/tls.crt", -1)))
	f.Add([]byte(strings.Replace(text, `"keys":[`, `"keys":[{},{},`, 1)), []byte("[[["))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		older, err := Read(bytes.NewReader(a))
		if err != nil {
			return
		}
		newer, err := Read(bytes.NewReader(b))
		if err != nil || newer.Kind != older.Kind {
			newer = older
		}
		checkMirror(t, older, newer)
	})
}
