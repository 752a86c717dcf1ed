#!/usr/bin/env bash
# BusyBox: nslookup shows 11 of 20 SRV records, says nothing of the others, and ends with 0: a truncated answer is good enough for it.
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
  fetch busybox=1:1.35.0-4+deb12u1+b1
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

busybox=$work/bin/busybox
listed=$("$busybox" nslookup -type=srv _vlmcs._tcp.corp.test 127.0.0.1 2>&1) && code=$?
shown=$(grep -c 'service = ' <<<"$listed")
others=$(grep -icE 'trunc|more|tcp mode|error' <<<"$listed" || true)
by_bind=$(nslookup -type=srv _vlmcs._tcp.corp.test 127.0.0.1 2>/dev/null | grep -c 'service = ')
"$busybox" | sed -n 1p
echo "20 records: busybox nslookup shows $shown, lines about the rest $others, exit code $code; BIND's nslookup shows $by_bind"
[[ $shown == 11 && $others == 0 && $code == 0 && $by_bind == 20 ]]
