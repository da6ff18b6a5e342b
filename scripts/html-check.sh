#!/usr/bin/env bash
# Has HTML reports judged by html-validate, axe-core and Chromium, as check.mjs says:
# of the demonstration, of a real node, of its files, and those of the golden files,
# which have hostile names.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/bin/kube-cert-audit
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT

# page NAME COMMAND ARGUMENT... writes a page. The exit code is that of the findings; 3 is
# a fault.
page() {
	local file=$pages/$1.html command=$2 code=0
	shift 2
	"$program" "$command" --output "html=$file" "$@" >/dev/null || code=$?
	[ "$code" -lt 3 ] && [ -s "$file" ]
}

page demo demo 2>/dev/null
mkdir "$pages/node"
tar -xzf testdata/nodes/kubeadm-1.37-rsa.tar.gz -C "$pages/node"
page node audit --root "$pages/node" --at 2026-12-15
page expired audit --root "$pages/node" --at 2036-12-15
page inspect inspect --at 2026-12-15 "$pages/node/etc/kubernetes"
cp report/testdata/html.golden "$pages/hostile.html"
cp report/testdata/inspect-html.golden "$pages/hostile-inspect.html"

npm --prefix tools/browser ci --no-audit --no-fund --loglevel error
node tools/browser/check.mjs "$pages"/*.html
