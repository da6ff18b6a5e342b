package audit

import (
	"encoding/pem"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
)

// No single bit of an authority's certificate can be flipped unnoticed, though
// two of five flips leave intact what parsing, verifying and comparing keys look
// at: only the authority's own signature tells them. The ordinary run tries some
// of the bits, the long variant all.
func TestDamagedAuthorities(t *testing.T) {
	for file, spec := range map[string]func(*pkitest.Spec){
		pki + "ca.crt":      func(*pkitest.Spec) {},
		pki + "etcd/ca.crt": func(*pkitest.Spec) {},
		pki + "front-proxy-ca.crt": func(s *pkitest.Spec) { // as openssl makes them
			ca := template(s, "front-proxy-ca")
			ca.SubjectKeyId, ca.AuthorityKeyId = []byte("01234567890123456789"), []byte("01234567890123456789")
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			counts := flipEach(t, file, spec, often(61, 1))
			missed := counts[""]
			t.Logf("%d flips: %v", total(counts), counts)
			if missed > 0 {
				t.Errorf("%d of %d flips were missed", missed, total(counts))
			}
			if counts["self-signature"] == 0 {
				t.Error("no flip needed the check of the authority's own signature: the test proves nothing")
			}
		})
	}
}

func total(counts map[string]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}

// flipEach audits a node with every n-th bit of a certificate flipped, one at a
// time, and counts the flips by what tells them: see notice.
func flipEach(t *testing.T, file string, edit func(*pkitest.Spec), n int) map[string]int {
	t.Helper()
	s := pkitest.Hardened(made())
	edit(s)
	tree, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(tree.Files[file].Data)
	counts := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	bits := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		root := t.TempDir() + "/node"
		if err := tree.Write(root); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for bit := range bits {
				flipped := slices.Clone(block.Bytes)
				flipped[bit/8] ^= 1 << (bit % 8)
				noticed := notice(t, root, file, flipped)
				mu.Lock()
				counts[noticed]++
				mu.Unlock()
			}
		})
	}
	for bit := 0; bit < 8*len(block.Bytes); bit += n {
		bits <- bit
	}
	close(bits)
	wg.Wait()
	return counts
}

// notice returns the one check that gives an error for a file that is damaged,
// "several" for more of them, and nothing where none does.
func notice(t *testing.T, root, file string, der []byte) string {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(root+file, text, 0o644); err != nil {
		t.Error(err)
		return ""
	}
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer fsys.Close()
	noticed := ""
	for _, f := range once(t.Context(), fsys, options(t)).found {
		switch {
		case f.Severity.String() != "error" || f.Check == noticed:
		case noticed == "":
			noticed = f.Check
		default:
			noticed = "several"
		}
	}
	return noticed
}

// Of a leaf, every flip is told as well: its authority's signature does not hold.
func TestDamagedLeaf(t *testing.T) {
	const file = pki + "apiserver.crt"
	counts := flipEach(t, file, func(*pkitest.Spec) {}, often(101, 1))
	t.Logf("%d flips: %v", total(counts), counts)
	if missed := counts[""]; missed > 0 {
		t.Errorf("%d of %d flips were missed", missed, total(counts))
	}
}
