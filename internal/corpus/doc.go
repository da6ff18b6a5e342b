// Package corpus replays the files of public test suites and fuzzers through a
// whole audit, as a test: `make corpus CORPORA=DIR`. It has no code of its own,
// and no file of any corpus.
package corpus
