package manifests

import "kube-cert-audit/internal/parallel"

// parsedFile is a file that was read and parsed, as far as it could be.
type parsedFile[T any] struct {
	path    string
	data    []byte
	err     error // why it was not read
	content T
	fault   error // why it was not parsed
}

// parseAll reads files, one after the other, and parses them on all processors, which
// takes most of the time.
func parseAll[T any](d *discovery, files []string, parse func(file string, data []byte) (T, error)) []parsedFile[T] {
	all := make([]parsedFile[T], len(files))
	for i, file := range files {
		all[i].path = file
		if f, err := d.read(file, maxFile); err != nil {
			all[i].err = err
		} else {
			all[i].data = f.Data
		}
	}
	parallel.Each(len(all), func(i int) {
		if f := &all[i]; f.err == nil {
			f.content, f.fault = parse(f.path, f.data)
		}
	})
	return all
}
