#!/bin/sh
# Measures the program as whole processes and prints a table, and its size: what it
# takes to start; the audit of a node against openssl in a loop, and against the floor,
# a program that only reads and parses the same files; inspect over folders of growing
# size against that floor.
#
#   BENCH_CERTIFICATES="1000 10000"   sizes of the folders; none leaves them out
set -eu
cd "$(dirname "$0")/.."
exec go test ./internal/bench -run '^$' -bench '^BenchmarkPrograms$' -benchtime 1x -timeout 30m
