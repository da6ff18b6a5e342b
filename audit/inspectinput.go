package audit

import (
	"fmt"
	"io"

	"kube-cert-audit/internal/hostfs"
)

// StandardInput is the path that stands for InspectOptions.Input: those of files are
// absolute.
const StandardInput = "-"

// Input is what came in otherwise than in a file.
type Input struct {
	file    *hostfs.File
	failure *hostfs.Error
}

// ReadInput reads all that comes in, within the limit and with the outcomes of a file.
func ReadInput(in io.Reader) Input {
	fault := func(reason hostfs.Reason, detail string) Input {
		return Input{failure: &hostfs.Error{Path: StandardInput, Reason: reason, Detail: detail}}
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return fault(hostfs.IOError, err.Error())
	case len(data) > maxFile:
		return fault(hostfs.TooLarge, fmt.Sprintf("more than %d bytes", maxFile))
	case len(data) == 0:
		return fault(hostfs.Empty, "")
	}
	return Input{file: &hostfs.File{Path: StandardInput, Data: data}}
}
