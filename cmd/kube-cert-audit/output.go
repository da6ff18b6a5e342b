package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/internal/atomicfile"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/report"
)

// outputs are the values of --output, which may be given several times.
type outputs struct {
	usual   string                    // the format where the flag is not given
	formats []string                  // the names of all
	known   func(format string) error // tells what is wrong with the name of a format
	given   []destination
}

// destination is a format, and where what is written in it goes.
type destination struct {
	format string
	file   string // or one of the two below
}

// What a destination has in place of a file. As files, they could only be
// replaced.
const (
	standardOutput = "/dev/stdout"
	standardError  = "/dev/stderr"
)

func outputOption(o *outputs) cli.Flag {
	return option("output", "write `FORMAT[=FILE]`; repeatable", o)
}

// outputsOf returns the outputs of a command that writes in some formats.
func outputsOf[T any](formats []report.FormatOf[T]) outputs {
	known := func(format string) error {
		_, err := report.LookupIn(formats, format)
		return err
	}
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return outputs{usual: names[0], formats: names, known: known}
}

func (o *outputs) Set(s string) error {
	name, file, hasFile := strings.Cut(s, "=")
	if err := o.known(name); err != nil {
		return err
	}
	d := destination{format: name, file: standardOutput}
	switch {
	case hasFile && file == "":
		return fmt.Errorf("%q names no file", s)
	case hasFile && file != "-":
		d.file = file
	}
	for _, other := range o.given {
		switch {
		case filepath.Clean(other.file) != filepath.Clean(d.file):
		case d.file == standardOutput:
			return fmt.Errorf("%s and %s cannot both go to the standard output: write %s=FILE", other.format, d.format, d.format)
		default:
			return fmt.Errorf("%s and %s cannot both go to %s", other.format, d.format, d.file)
		}
	}
	o.given = append(o.given, d)
	return nil
}

// String returns the default, which is all that it is asked for.
func (o *outputs) String() string { return o.usual }

// destinations returns where the output goes, the standard output first: it is
// what somebody may be waiting for.
func (o *outputs) destinations() []destination {
	if len(o.given) == 0 {
		return []destination{{o.usual, standardOutput}}
	}
	all := slices.Clone(o.given)
	if i := slices.IndexFunc(all, func(d destination) bool { return d.file == standardOutput }); i > 0 {
		first := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, first)
	}
	return all
}

// deliver writes to all destinations, the others too where one fails. Its error
// tells of each that failed but the standard output, of which run tells.
func (p *process) deliver(out io.Writer, o *outputs, color string, write func(w io.Writer, format string, place report.Options) error) error {
	var faults []error
	for _, d := range o.destinations() {
		var err error
		switch d.file {
		case standardOutput:
			w := &output{w: out}
			if err = write(w, d.format, p.place(color)); w.err != nil {
				err = nil
			}
		case standardError:
			err = write(p.stderr, d.format, p.placeOf(p.stderr, color))
		default:
			err = atomicfile.Write(d.file, func(w io.Writer) error { return write(w, d.format, report.Options{}) })
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s was not written: %w", display.Text(d.file), err))
		}
	}
	return errors.Join(faults...)
}
