#!/usr/bin/env bash
# picocolors: createColors(undefined) is not createColors(false): with CI set it colours a pipe.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts picocolors@1.1.1

cat >"$work/try.cjs" <<'EOF'
const { createColors } = require("picocolors");
// What a program passes that decides by `stream.isTTY`, which is undefined, not false, where there is no terminal.
console.log(JSON.stringify({ undefined: createColors(process.stdout.isTTY).red("x"), false: createColors(false).red("x") }));
EOF
seen=$(cd "$work" && env -u NO_COLOR -u FORCE_COLOR CI=1 TERM=dumb node try.cjs | cat)
echo "picocolors 1.1.1, node $(node --version)"
echo "stdout is a pipe and CI=1. createColors(process.stdout.isTTY) takes the default of the parameter, and that colours:"
echo "$seen"
[[ $seen == '{"undefined":"\u001b[31mx\u001b[39m","false":"x"}' ]]
