// Package testkit holds what the tests of several packages do alike.
package testkit

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Unpack unpacks a .tar.gz, as the real nodes are kept, below the folder dir,
// which it makes where need be. Modes, times and links are those of the archive,
// whatever the umask.
func Unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()

	if err := unpackInto(root, tar.NewReader(unzipped)); err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	return nil
}

func unpackInto(root *os.Root, archive *tar.Reader) error {
	var folders []*tar.Header
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeDir {
			folders = append(folders, header)
		}
		if err := unpackEntry(root, header, archive); err != nil {
			return err
		}
	}
	// What is written into a folder changes its time, and its mode may forbid it.
	for _, header := range slices.Backward(folders) {
		if err := setModeAndTime(root, header); err != nil {
			return err
		}
	}
	return nil
}

func unpackEntry(root *os.Root, header *tar.Header, content io.Reader) error {
	switch header.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(header.Name, 0o700)
	case tar.TypeSymlink:
		return root.Symlink(header.Linkname, header.Name)
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if err := root.WriteFile(header.Name, data, 0o600); err != nil {
		return err
	}
	return setModeAndTime(root, header)
}

func setModeAndTime(root *os.Root, header *tar.Header) error {
	if err := root.Chtimes(header.Name, header.ModTime, header.ModTime); err != nil {
		return err
	}
	return root.Chmod(header.Name, header.FileInfo().Mode().Perm())
}
