package rules

import "fmt"

// Severity says how bad a finding is. The zero value is no severity.
type Severity int

// The severities, mildest first.
const (
	Info    Severity = iota + 1 // worth knowing
	Warning                     // will break, or weakens
	Error                       // broken now, or open to attack
)

// Lower returns the severity one level below s; nothing is below Info.
func (s Severity) Lower() Severity { return max(s-1, Info) }

// String returns info, warning or error.
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return fmt.Sprintf("Severity(%d)", int(s))
}

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, v := range []Severity{Info, Warning, Error} {
		if v.String() == string(text) {
			*s = v
			return nil
		}
	}
	return fmt.Errorf("severity %q is none of info, warning, error", text)
}

// Status is the worst severity found on an object: ok, info, warning or error.
type Status string

// OK is the status of an object without findings.
const OK Status = "ok"

// Worse returns the worse of the status and the severity.
func (s Status) Worse(v Severity) Status {
	rank := map[Status]Severity{"info": Info, "warning": Warning, "error": Error}
	if v > rank[s] {
		return Status(v.String())
	}
	return s
}
