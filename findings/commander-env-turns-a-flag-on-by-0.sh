#!/usr/bin/env bash
# commander: a flag with .env("NAME") is on when NAME is 0, false or empty; a negated one is then off as well.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts commander@14.0.3

cat >"$work/try.cjs" <<'EOF'
const { Command, Option } = require("commander");
const program = new Command()
  .addOption(new Option("--watch").env("WATCH"))
  .addOption(new Option("--no-ipv6").env("NO_IPV6"));
const { watch = false, ipv6 } = program.parse([], { from: "user" }).opts();
console.log(`watch ${watch}, ipv6 ${ipv6}`);
EOF
cd "$work"
echo "commander 14.0.3, --watch with WATCH and --no-ipv6 with NO_IPV6, nothing on the command line:"
unset=$(env -u WATCH -u NO_IPV6 node try.cjs)
echo "  neither set: $unset"
same=1
for value in 1 0 false ''; do
  seen=$(WATCH=$value NO_IPV6=$value node try.cjs)
  echo "  both '$value': $seen"
  if [[ $seen != 'watch true, ipv6 false' ]]; then same=0; fi
done
[[ $unset == 'watch false, ipv6 true' && $same == 1 ]]
