// Package systemd reads the service units of a node as systemd would load them:
// the unit file of the highest precedence, its drop-ins, the environment and the
// command line that come of them. It executes nothing and asks no running
// manager: what it says holds for the next start of a service, after a reload.
//
// It follows systemd.unit(5), systemd.service(5), systemd.exec(5) and
// systemd.syntax(7), and where these leave it open, the code of systemd 252 and
// later. It reads a unit by the settings that make up the command line, and no
// others; it knows nothing of Kubernetes, nor of what the words mean.
//
// What it cannot know from files is never guessed: the words stay as they were
// written, and a fault says so. Such are specifiers like %v, the kernel's release,
// and the variables that the manager itself sets or passes on. It does not read
// the manager's own configuration, so that DefaultEnvironment= is unknown to it.
//
// Environments hold secrets. The values are in the result, for callers that pick
// the names that they know; no fault repeats any text of a file but the names of
// specifiers and variables.
package systemd

import "kube-cert-audit/internal/hostfs"

// Service is a service unit as systemd would load it.
type Service struct {
	// Name is that of the unit, with the instance where it has one; never an alias.
	Name string
	// Files are the paths on the host of all that was read as a part of the unit: its file, then its
	// drop-ins in the order in which they are merged. Environment files are not among them.
	Files []string
	// Command is the command line of ExecStart= after expansion: the path of the program, and its
	// arguments. With Type=oneshot there may be several; this is the first. It is nil where there is none.
	Command []Word
	// Environment are the variables that the unit sets for its process, in the order in which they
	// were first assigned. Those of the manager are not among them.
	Environment []Variable
	// User, Group and WorkingDirectory are those of the process, as they are written; empty where the
	// unit does not say.
	User, Group, WorkingDirectory string
	// Faults are in the order in which they were met.
	Faults []Fault
}

// Word is one word of a command line.
type Word struct {
	Text string
	// File and Line are the place where the word was written. For one that a variable was put in
	// for, $NAME or ${NAME} alone, that is where the variable was assigned.
	File string
	Line int
	// Open tells that something in it was left as it is, since its value is not known here.
	Open bool
}

// Variable is a variable of an environment, with the place of the assignment that holds.
type Variable struct {
	Name, Value string
	File        string
	Line        int // where the assignment begins
}

// Fault is something that could not be read, or that is not understood.
type Fault struct {
	// File and Line are where it is written. The line is zero where the fault is the file itself.
	File string
	Line int
	// Path is the file or folder of which systemd would take what could not be read; empty for all other faults.
	Path string
	// Reason is why Path gave nothing; empty where it could be read, and yet is of no use.
	Reason hostfs.Reason
	// Detail says what the rest does not; it may be empty where there is a reason.
	Detail string
}

// The limits of one node and one service. They are far above what any real one
// needs, and keep hostile files from taking time and memory without end.
const (
	maxUnits     = 10_000    // entries that are looked at in one folder of units
	maxDropIns   = 200       // of one service
	maxFile      = 1 << 20   // bytes of one file
	maxBytes     = 4 << 20   // of all files of one service
	maxNames     = 50_000    // in folders, and of files, that EnvironmentFile= of one service leads to
	maxWords     = 2_000     // of one command line
	maxVariables = 1_000     // of one service
	maxExpansion = 256 << 10 // bytes that specifiers and variables of one service may put in
	maxFaults    = 100       // of one service
)

// whitespace is what systemd takes for it.
const whitespace = " \t\n\r"
