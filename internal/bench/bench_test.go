package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kube-cert-audit/internal/testkit"
)

// measure is what running a command came to.
type measure struct {
	wall, cpu time.Duration // medians
	peak      int64         // KiB, the largest
}

// command is a program with its arguments, and what it is called in the table.
type command struct {
	name string
	args []string
}

// run runs a command once, and throws its output away. What it exits with does
// not matter: findings are none of this benchmark's business.
func (c command) run(b *testing.B, dir string) measure {
	b.Helper()
	process := exec.Command(c.args[0], c.args[1:]...)
	process.Dir = dir
	var stderr bytes.Buffer
	process.Stderr = &stderr
	begin := time.Now()
	err := process.Run()
	wall := time.Since(begin)
	if process.ProcessState == nil || process.ProcessState.ExitCode() == 3 {
		b.Fatalf("%s: %v\n%s", c.name, err, stderr.Bytes())
	}
	usage := process.ProcessState.SysUsage().(*syscall.Rusage)
	return measure{
		wall: wall, cpu: process.ProcessState.UserTime() + process.ProcessState.SystemTime(), peak: usage.Maxrss,
	}
}

// compare runs the commands in turn, so that a machine whose speed drifts treats
// them alike, and returns the medians.
func compare(b *testing.B, dir string, runs int, commands []command) []measure {
	b.Helper()
	all := make([][]measure, len(commands))
	for range runs + 1 {
		for i, c := range commands {
			all[i] = append(all[i], c.run(b, dir))
		}
	}
	medians := make([]measure, len(commands))
	for i, measures := range all {
		measures = measures[1:] // the first one fills the caches
		medians[i] = measure{
			wall: median(measures, func(m measure) time.Duration { return m.wall }),
			cpu:  median(measures, func(m measure) time.Duration { return m.cpu }),
			peak: slices.MaxFunc(measures, func(x, y measure) int { return int(x.peak - y.peak) }).peak,
		}
	}
	return medians
}

func median(measures []measure, of func(measure) time.Duration) time.Duration {
	var values []time.Duration
	for _, m := range measures {
		values = append(values, of(m))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkPrograms prints the table of make bench. All of it is measured in one
// run, after a warm-up of each command.
func BenchmarkPrograms(b *testing.B) {
	dir := b.TempDir()
	program, floor := build(b, dir, "../../cmd/kube-cert-audit"), build(b, dir, "./floor")
	t := &table{}
	startTable(b, t, dir, program, floor)
	nodeTable(b, t, dir, program, floor)
	inspectTable(b, t, dir, program, floor)
	fmt.Printf("%s\nthe program: %.1f MiB\n", t, float64(size(b, program))/(1<<20))
}

// TestSize: the program is small enough to be copied to a node whatever the line.
func TestSize(t *testing.T) {
	const most = 20 << 20
	if n := size(t, build(t, t.TempDir(), "../../cmd/kube-cert-audit")); n > most {
		t.Errorf("the program has %d bytes, %d at most", n, most)
	}
}

func size(b testing.TB, file string) int64 {
	b.Helper()
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

func build(b testing.TB, dir, path string) string {
	b.Helper()
	target := filepath.Join(dir, filepath.Base(path))
	build := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-trimpath", "-ldflags", "-s -w", "-o", target, path)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return target
}

// startTable measures how long it takes to start and to answer without reading a file.
func startTable(b *testing.B, t *table, dir, program, floor string) {
	const runs = 21
	commands := []command{
		{"floor", []string{floor}},
		{"kube-cert-audit version", []string{program, "version"}},
		{"kube-cert-audit, asked by a shell's TAB", []string{program, "__complete", ""}},
	}
	t.add("nothing", commands, compare(b, dir, runs, commands))
}

// nodeTable measures the audit of a real kubeadm node against a loop of openssl
// over its certificates, which decodes them and judges nothing.
func nodeTable(b *testing.B, t *table, dir, program, floor string) {
	const runs = 21
	node := filepath.Join(dir, "node")
	if err := testkit.Unpack("../../testdata/nodes/kubeadm-1.37-rsa.tar.gz", node); err != nil {
		b.Fatal(err)
	}
	files := certificateFiles(b, node)
	commands := []command{
		{"floor", []string{floor, node}},
		{"kube-cert-audit", []string{program, "--root", node, "--at", "2026-12-15T00:00:00Z"}},
	}
	if openssl, err := exec.LookPath("openssl"); err == nil {
		loop := `for f in "$@"; do ` + openssl + ` x509 -noout -text -in "$f"; done`
		commands = append(commands, command{"openssl in a loop", append([]string{"sh", "-c", loop, "sh"}, files...)})
	} else {
		fmt.Println("openssl is not there: its row is left out")
	}
	t.add(fmt.Sprintf("a kubeadm node, %d certificate files", len(files)), commands, compare(b, dir, runs, commands))
}

// inspectTable measures inspect over folders of growing size.
func inspectTable(b *testing.B, t *table, dir, program, floor string) {
	sizes := os.Getenv("BENCH_CERTIFICATES")
	if sizes == "" {
		sizes = "1000 10000 100000"
	}
	for _, text := range strings.Fields(strings.Replace(sizes, "none", "", 1)) {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		folder := certificates(b, dir, n)
		commands := []command{
			{"floor", []string{floor, folder}},
			{"kube-cert-audit inspect", []string{program, "inspect", "--output", "json", folder}},
		}
		runs := max(3, min(11, 30_000/n))
		t.add(fmt.Sprintf("%d certificates in as many files", n), commands, compare(b, dir, runs, commands))
	}
}
