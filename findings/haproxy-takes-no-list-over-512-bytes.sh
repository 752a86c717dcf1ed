#!/usr/bin/env bash
# haproxy: a list of 20 SRV records, cut at 512 bytes, makes no server at all: it never asks over TCP, and counts it as any_err, not as truncated.
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
  want haproxy 2.6.12-1+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

{
  printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n'
  for n in {1..20}; do printf '_vlmcs._tcp SRV 0 1 1688 kms%d\nkms%d A 127.0.1.%d\n' "$n" "$n" "$n"; done
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
cat >"$work/show.py" <<'EOF'
import socket, sys
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    client.sendall((sys.argv[2] + "\n").encode())
    while said := client.recv(65536):
        sys.stdout.write(said.decode())
EOF
# Once as it is, once told to take more.
for size in 512 1232; do
  cat >"$work/haproxy-$size.cfg" <<EOF
global
  stats socket $work/socket-$size
resolvers local
  nameserver one 127.0.0.1:53
  accepted_payload_size $size
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
backend kms
  server-template kms 20 _vlmcs._tcp.corp.test resolvers local init-addr none
EOF
  if [[ $size == 512 ]]; then sed -i '/accepted_payload_size/d' "$work/haproxy-$size.cfg"; fi
  haproxy -f "$work/haproxy-$size.cfg" >"$work/haproxy-$size.log" 2>&1 &
done
for _ in {1..100}; do
  if [[ -S $work/socket-512 && -S $work/socket-1232 ]]; then break; fi
  sleep 0.1
done
sleep 6
with_address() { python3 "$work/show.py" "$work/socket-$1" 'show servers state kms' | awk '$5 ~ /^127\.0\.1\./' | wc -l; }
counted() { python3 "$work/show.py" "$work/socket-$1" 'show resolvers local' | awk '$1 == "any_err:" || $1 == "truncated:"' | xargs; }
few=$(with_address 512)
many=$(with_address 1232)
counters=$(counted 512)
echo "20 SRV records. Servers with an address: as it is $few, with accepted_payload_size 1232 $many"
echo "Its counters as it is: $counters"
[[ $few == 0 && $many == 20 && $counters =~ any_err:\ [1-9] && $counters == *'truncated: 0'* ]]
