#!/usr/bin/env bash
# PowerDNS Recursor: a name that was asked for while its server was down stays SERVFAIL for one or two minutes more; other names do not.
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
  want pdns-recursor 4.8.8-1+deb12u1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

ip address add 127.0.0.2/32 dev lo
{
  printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.2\n'
  printf '_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A 127.0.1.1\nkms2 A 127.0.1.2\n'
} >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.2; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
mkdir "$work/recursor"
cat >"$work/recursor/recursor.conf" <<EOF
local-address=127.0.0.1
forward-zones=corp.test=127.0.0.2
socket-dir=$work/recursor
daemon=no
dnssec=off
security-poll-suffix=
EOF
pdns_recursor --config-dir="$work/recursor" >"$work/recursor.log" 2>&1 &
ask() { dig +time=5 +tries=1 "@$1" "$2" "$3" | grep -o 'status: [A-Z]*' || true; }
for _ in {1..100}; do
  if [[ -n $(ss -Hlun 'src = 127.0.0.1 and sport = :53') ]]; then break; fi
  sleep 0.1
done
down=$(ask 127.0.0.1 _vlmcs._tcp.corp.test SRV)
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
for _ in {1..100}; do
  if [[ $(ask 127.0.0.2 corp.test SOA) == 'status: NOERROR' ]]; then break; fi
  sleep 0.2
done
start=$SECONDS
same=$(ask 127.0.0.1 _vlmcs._tcp.corp.test SRV)
other=$(ask 127.0.0.1 kms2.corp.test A)
while [[ $(ask 127.0.0.1 _vlmcs._tcp.corp.test SRV) == 'status: SERVFAIL' && $((SECONDS - start)) -lt 200 ]]; do sleep 1; done
took=$((SECONDS - start))
echo "The server of the zone is down: _vlmcs._tcp.corp.test is $down. It is back: the same $same, kms2.corp.test $other"
echo "_vlmcs._tcp.corp.test is answered $took s after that"
[[ $down == 'status: SERVFAIL' && $same == "$down" && $other == 'status: NOERROR' && $took -ge 50 && $took -le 130 ]]
