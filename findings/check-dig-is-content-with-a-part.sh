#!/usr/bin/env bash
# monitoring-plugins: check_dig -a 10.0.0.1 is OK where the address has become 10.0.0.11: a part of any answer's line will do.
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
  # One program: unpacked here, so that no service is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  want bind9 1:9.18.49-1~deb12u3
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  fetch monitoring-plugins-standard=2.3.3-5+deb12u2
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
_vlmcs._tcp SRV 0 0 11688 kms1
kms1 A 10.0.0.11
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
for _ in {1..50}; do
  if dig +time=1 +tries=1 @127.0.0.1 corp.test SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.2
done
check() {
  local said
  said=$("$work/usr/lib/nagios/plugins/check_dig" -t 20 -H 127.0.0.1 "$@" || true)
  echo "${said%% -*}"
}
part=$(check -l kms1.corp.test -T A -a 10.0.0.1)
ttl=$(check -l kms1.corp.test -T A -a 300)
other=$(check -l kms1.corp.test -T A -a 10.0.0.2)
port=$(check -l _vlmcs._tcp.corp.test -T SRV -a '1688 kms1.corp.test')
echo "The records: A 10.0.0.11 and SRV 0 0 11688 kms1.corp.test. check_dig that expects"
echo "  10.0.0.1: $part; 300, which is the TTL: $ttl; 10.0.0.2: $other"
echo "  '1688 kms1.corp.test': $port"
[[ $part == 'DNS OK' && $ttl == 'DNS OK' && $other == 'DNS WARNING' && $port == 'DNS OK' ]]
