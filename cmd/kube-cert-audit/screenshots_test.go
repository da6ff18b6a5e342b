package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/report"
)

const screenshots = "../../docs/screenshots"

var noteScreenshots = flag.Bool("screenshots", false, "note what the screenshots were made of; for scripts/screenshots.sh")

// TestScreenshots: the program prints today what it printed when the screenshots were
// made. Dates and keys differ each time that they are made, so that this is about what
// it prints of the demonstration of a fixed day.
func TestScreenshots(t *testing.T) {
	r := demoReport(t)
	var note strings.Builder
	for _, picture := range []struct {
		name, format string
		options      report.Options
	}{
		{"html-light.png", "html", report.Options{}},
		{"html-dark.png", "html", report.Options{}},
		{"terminal-80.png", "table", report.Options{Width: 80, Color: true}},
		{"terminal-200.png", "table", report.Options{Width: 200, Color: true}},
	} {
		if info, err := os.Stat(filepath.Join(screenshots, picture.name)); err != nil || info.Size() < 10<<10 || info.Size() > 512<<10 {
			t.Errorf("no picture of a fair size: %v, %v", info, err)
		}
		format, err := report.Lookup(picture.format)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if err := format.Write(sum, r, picture.options); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&note, "%x  of %s\n", sum.Sum(nil), picture.name)
	}
	file := filepath.Join(screenshots, "made-of.txt")
	if *noteScreenshots {
		if err := os.WriteFile(file, []byte(note.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), note.String()); diff != "" {
		t.Errorf("the screenshots are of another program; make screenshots makes them anew (-noted +today):\n%s", diff)
	}
}
