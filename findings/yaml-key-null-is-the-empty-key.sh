#!/usr/bin/env bash
# yaml: the keys null and "" of a mapping are one property, "", and the value of the first is lost, though duplicate keys are an error.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts yaml@2.9.1

cat >"$work/try.cjs" <<'EOF'
const { parse, parseDocument } = require("yaml");
const said = (text) => {
  try {
    return JSON.stringify(parse(text));
  } catch ({ code }) {
    return code;
  }
};
const both = 'null: first\n"": second';
console.log([said("null: first"), said(both), parseDocument(both).warnings.length, said("null: first\n~: second")].join(" "));
EOF
seen=$(cd "$work" && node try.cjs)
read -r alone both warnings twice <<<"$seen"
echo "yaml 2.9.1: 'null: first' is $alone; with '\"\": second' below it, $both, with $warnings warnings; with '~: second', $twice"
[[ $alone == '{"":"first"}' && $both == '{"":"second"}' && $warnings == 0 && $twice == DUPLICATE_KEY ]]
