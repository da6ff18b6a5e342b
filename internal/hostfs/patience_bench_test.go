//go:build linux

package hostfs

import (
	"testing"
	"time"
)

// BenchmarkPatience shows what deadlines add to an operation: alone, and as one
// of many in Try.
func BenchmarkPatience(b *testing.B) {
	dir := b.TempDir()
	plant(b, dir, "file")
	plain, err := New(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	patient, err := NewWithin(b.Context(), dir, time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	defer patient.Close()
	stat := func(b *testing.B, f *FS) {
		for b.Loop() {
			if _, err := f.Stat("/file"); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("without", func(b *testing.B) { stat(b, plain) })
	b.Run("alone", func(b *testing.B) { stat(b, patient) })
	b.Run("in-try", func(b *testing.B) {
		Try(patient, func(view *FS) any { stat(b, view); return nil })
	})
}
