// Package bench measures the program from outside, as whole processes, against
// what one would do without it. It has only a benchmark: see make bench.
package bench
