// Package bench measures the program from outside, as whole processes, against
// what one would do without it, and its size. It has only tests: see make bench.
package bench
