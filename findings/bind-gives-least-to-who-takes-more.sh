#!/usr/bin/env bash
# BIND: with max-udp-size 512 a client that takes 4096 bytes gets none of 20 SRV records over UDP, and one without EDNS gets 13.
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
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

{
  printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n'
  for n in {101..120}; do printf '_vlmcs._tcp SRV 0 0 1688 kms%d\n' "$n"; done
} >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none; max-udp-size 512;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
ask() {
  local said
  said=$(dig +time=2 +tries=1 +ignore +norecurse @127.0.0.1 "$@" _vlmcs._tcp.corp.test SRV || true)
  printf '%s records, %s bytes, ' "$(grep -oP 'ANSWER: \K[0-9]+' <<<"$said")" "$(grep -oP 'rcvd: \K[0-9]+' <<<"$said")"
  grep -q 'flags:[^;]* tc' <<<"$said" && echo truncated || echo whole
}
for _ in {1..50}; do
  if dig +time=1 +tries=1 @127.0.0.1 corp.test SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.2
done
without=$(ask +noedns)
with=$(ask +bufsize=4096 +nocookie)
over=$(ask +tcp)
echo "20 SRV records, max-udp-size 512. Without EDNS: $without; with EDNS and 4096: $with; TCP: $over"
[[ $without == '13 records, '*truncated && $with == '0 records, '*truncated && $over == '20 records, '*whole ]]
