package hostfs

import "strings"

// validate returns an error for paths that no file can have. The system refuses
// overlong ones itself.
func validate(path string) error {
	switch {
	case path == "":
		return &Error{Path: path, Reason: InvalidPath, Detail: "empty"}
	case strings.ContainsRune(path, 0):
		return &Error{Path: path, Reason: InvalidPath, Detail: "NUL byte"}
	}
	return nil
}

// clean returns the path as its names joined by single slashes, "." for the root
// itself, and whether it asks for a folder by ending in "/" or "/.". It leaves
// ".." alone: what that means depends on the links before it.
func clean(path string) (name string, folder bool) {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		folder = part == "" || part == "."
		if !folder {
			names = append(names, part)
		}
	}
	if len(names) == 0 {
		return ".", folder
	}
	return strings.Join(names, "/"), folder
}
