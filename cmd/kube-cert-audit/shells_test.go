package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// lookShell returns the path of a program that judges what is printed for it.
func lookShell(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s in PATH (Debian: %s) to judge by", name, name)
	}
	return path
}

// typed is a line as far as it is typed, and what the shell makes of it.
type typed struct {
	line string
	want []string // the words that may end it; those of an own folder end as paths
}

// typedLines are lines that each shell completes alike. FOLDER has the files a.yaml
// and "b c.yaml", and the folder d.
func typedLines() []typed {
	return []typed{
		{"comp", []string{"completion"}},
		{"explain untr", []string{"untrusted"}},
		{"schema ", []string{"config", "diff", "forecast", "report", "rules"}},
		{"help sch", []string{"schema"}},
		{"--ma", []string{"--manifests"}},
		{"inspect --ca-", []string{"--ca-error-within", "--ca-warn-within"}},
		{"audit --fail-on ", []string{"error", "never", "warning"}},
		{"audit --fail-on=w", []string{"--fail-on=warning"}},
		{"rules --output ", []string{"table", "yaml"}},
		{"--output csv", []string{"csv", "csv-findings"}},
		{"--output=js", []string{"--output=json"}},
		{"--check expired,sa", []string{"expired,sa-key-mismatch", "expired,san-missing"}},
		{"--layout k", []string{"k0s", "k3s", "kind", "kops", "kubeadm", "kubeasz", "kubelet", "kubespray"}},
		{"--root FOLDER/", []string{"FOLDER/d"}},
		{"--root=FOLDER/", []string{"--root=FOLDER/d"}},
		{"--rules FOLDER/a", []string{"FOLDER/a.yaml"}},
		{"--output json=FOLDER/a", []string{"json=FOLDER/a.yaml"}},
		{"--output=json=FOLDER/a", []string{"--output=json=FOLDER/a.yaml"}},
		{"inspect --at +90d FOLDER/", []string{"FOLDER/a.yaml", "FOLDER/b c.yaml", "FOLDER/d"}},
	}
}

// completionScript writes the script for a shell into a new folder, and makes that the
// folder of the program, so that the shell finds it.
func completionScript(t *testing.T, shell string) (script, folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, name := range []string{programName, "kubectl-cert_audit"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	script = filepath.Join(bin, "_kube-cert-audit")
	r := finish(t, program(t, "completion", shell))
	if err := os.WriteFile(script, []byte(r.stdout), 0o600); err != nil || r.code != exitOK {
		t.Fatal(err, r.code)
	}
	folder = t.TempDir()
	for _, name := range []string{"a.yaml", "b c.yaml"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	return script, folder
}

// checkTyped has a shell complete all lines, under both names of the program. The
// function returns the words that may end a line.
func checkTyped(t *testing.T, folder string, complete func(lines []string) [][]string) {
	t.Helper()
	var lines []string
	for _, name := range []string{programName, "kubectl-cert_audit"} {
		for _, l := range typedLines() {
			lines = append(lines, name+" "+strings.ReplaceAll(l.line, "FOLDER", folder))
		}
	}
	got := complete(lines)
	if len(got) != len(lines) {
		t.Fatalf("%d lines were completed of %d", len(got), len(lines))
	}
	for i, line := range lines {
		var words, want []string
		for _, w := range got[i] {
			words = append(words, strings.TrimSuffix(w, "/"))
		}
		for _, w := range typedLines()[i%len(typedLines())].want {
			want = append(want, strings.ReplaceAll(w, "FOLDER", folder))
		}
		slices.Sort(words)
		if diff := cmp.Diff(want, slices.Compact(words)); diff != "" {
			t.Errorf("%s<TAB> (-want +got):\n%s", line, diff)
		}
	}
}

// shows is a function of bash and zsh that writes down its arguments.
const shows = "shows() { printf '%s\\n' \"$@\" --- >>\"$SHOWN\"; }\nPS1=\n"

func TestCompletionInBash(t *testing.T) {
	bash := lookShell(t, "bash")
	script, folder := completionScript(t, "bash")
	if out, err := exec.Command(bash, "-n", script).CombinedOutput(); err != nil {
		t.Errorf("bash -n: %v\n%s", err, out)
	}
	if shellcheck, err := exec.LookPath("shellcheck"); err != nil {
		t.Log("there is no shellcheck in PATH to judge the script by")
	} else if out, err := exec.Command(shellcheck, "-s", "bash", script).CombinedOutput(); err != nil {
		t.Errorf("shellcheck: %v\n%s", err, out)
	}
	const library = "/usr/share/bash-completion/bash_completion"
	for name, first := range map[string]string{"alone": "", "with bash-completion": "source " + library + "\n"} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(library); first != "" && err != nil {
				t.Skipf("there is no %s (Debian: bash-completion)", library)
			}
			start := filepath.Join(t.TempDir(), "bashrc")
			if err := os.WriteFile(start, []byte(first+"source "+script+"\n"+shows), 0o600); err != nil {
				t.Fatal(err)
			}
			checkTyped(t, folder, func(lines []string) [][]string {
				return onTerminal(t, exec.Command(bash, "--rcfile", start, "-i"), lines, "\x1b*") // insert-completions
			})
		})
	}
}

func TestCompletionInZsh(t *testing.T) {
	zsh := lookShell(t, "zsh")
	script, folder := completionScript(t, "zsh")
	if out, err := exec.Command(zsh, "-n", script).CombinedOutput(); err != nil {
		t.Errorf("zsh -n: %v\n%s", err, out)
	}
	for name, load := range map[string]string{
		"sourced":  "compinit -u -D\nsource " + script + "\n",
		"of fpath": "fpath=(" + filepath.Dir(script) + " $fpath)\ncompinit -u -D\n",
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			start := "autoload -Uz compinit\n" + load + `zle -C all-matches complete-word _generic
zstyle ':completion:all-matches::::' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert yes
bindkey '^T' all-matches
` + shows
			if err := os.WriteFile(filepath.Join(home, ".zshrc"), []byte(start), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("ZDOTDIR", home)
			checkTyped(t, folder, func(lines []string) [][]string {
				return onTerminal(t, exec.Command(zsh, "--no-global-rcs", "-i"), lines, "\x14")
			})
		})
	}
}

func TestCompletionInFish(t *testing.T) {
	fish := lookShell(t, "fish")
	script, folder := completionScript(t, "fish")
	if out, err := exec.Command(fish, "-n", script).CombinedOutput(); err != nil {
		t.Errorf("fish -n: %v\n%s", err, out)
	}
	t.Setenv("HOME", t.TempDir())
	checkTyped(t, folder, func(lines []string) [][]string {
		commands := "source " + script + "\n"
		for _, line := range lines {
			commands += "complete -C '" + line + "'; echo ---\n"
		}
		out, err := exec.Command(fish, "-N", "-c", commands).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var all [][]string
		for block := range strings.SplitSeq(strings.TrimSuffix(string(out), "---\n"), "---\n") {
			var words []string
			for line := range strings.Lines(block) {
				word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
				words = append(words, strings.ReplaceAll(word, `\ `, " "))
			}
			all = append(all, words)
		}
		return all
	})
}

// onTerminal runs a shell on a terminal, types the lines, each with the keys that put
// all completions in the place of its last word, and has it write down what came of it.
// It returns the completions of each line.
func onTerminal(t *testing.T, shell *exec.Cmd, lines []string, keys string) [][]string {
	t.Helper()
	shown := filepath.Join(t.TempDir(), "shown")
	shell.Env = append(os.Environ(), "TERM=xterm", "SHOWN="+shown, "INPUTRC=/dev/null", "HISTFILE=")
	terminal := startOnTerminal(t, shell)
	var all [][]string
	for _, line := range lines {
		const toStart = "\x01" // ctrl-A
		if _, err := io.WriteString(terminal, line+keys+toStart+"shows \n"); err != nil {
			t.Fatal(err)
		}
		words := strings.Split(shownBlock(t, shown, len(all)), "\n")
		typed := strings.Count(line, " ") // words before the last
		all = append(all, words[min(typed, len(words)):])
	}
	return all
}

// shownBlock waits for a block of the file that ends with a line of dashes.
func shownBlock(t *testing.T, file string, n int) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		text, _ := os.ReadFile(file)
		if blocks := strings.Split(string(text), "\n---\n"); len(blocks) > n+1 {
			return blocks[n]
		}
	}
	t.Fatalf("the shell did not come to line %d", n)
	return ""
}

// startOnTerminal starts a process on a terminal of its own, and returns what stands
// for its keyboard. The process ends with the test.
func startOnTerminal(t *testing.T, process *exec.Cmd) io.Writer {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	process.Stdin, process.Stdout, process.Stderr = screen, screen, screen
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	screen.Close()
	go func() { _, _ = io.Copy(io.Discard, keyboard) }() // until the process is gone
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
		keyboard.Close()
	})
	return keyboard
}
