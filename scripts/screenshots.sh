#!/usr/bin/env bash
# Makes docs/screenshots anew from what the program prints of its demonstration: the
# report in the browser, light and dark, and in terminals of 80 and 200 columns. The
# last line notes what they were made of, which TestScreenshots holds against the
# program of the day.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/bin/kube-cert-audit
repository=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm --prefix tools/browser ci --no-audit --no-fund --loglevel error
cd "$work"
"$program" demo --keep node --output html=report.html 2>/dev/null
for columns in 80 200; do
	# In a terminal of that width; the findings make the exit code.
	script --quiet --command "stty cols $columns; TERM=xterm-256color '$program' --root node" /dev/null >"terminal-$columns" || true
done
node "$repository/tools/browser/screenshots.mjs" . "$repository/docs/screenshots"
cd "$repository"
go test ./cmd/kube-cert-audit -count=1 -run '^TestScreenshots$' -screenshots
