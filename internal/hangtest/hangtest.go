//go:build linux

// Package hangtest makes files that hang, for tests: a FUSE mount of which nobody
// answers the questions behaves as one of NFS whose server is gone. It takes root.
package hangtest

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Hang makes all paths below the folder dir hang until the test has ended, or
// skips the test where that cannot be done.
func Hang(t *testing.T, dir string) {
	t.Helper()
	unmount, err := Mount(dir)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := unmount(); err != nil {
			t.Error(err)
		}
	})
}

// Mount makes all paths below the folder dir hang. What hangs then ends with
// errors once unmount is called.
func Mount(dir string) (unmount func() error, err error) {
	server, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("there is no FUSE here: %w", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=%d,group_id=%d", server, os.Geteuid(), os.Getegid())
	if err := unix.Mount("hanging", dir, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		_ = unix.Close(server)
		return nil, fmt.Errorf("FUSE cannot be mounted here: %w", err)
	}
	return func() error {
		_ = unix.Close(server) // ends the connection, and with it the waiting
		return unix.Unmount(dir, unix.MNT_DETACH)
	}, nil
}
