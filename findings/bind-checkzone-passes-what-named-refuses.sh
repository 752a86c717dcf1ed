#!/usr/bin/env bash
# BIND: of a zone with an address for kms_1 named-checkzone says OK, and named does not load it: SERVFAIL for all of its names.
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

cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_vlmcs._tcp SRV 0 0 1688 kms_1
kms_1 A 127.0.1.1
EOF
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
code() { "$@" >"$work/said" 2>&1 && echo 0 || echo $?; }
zone=$(code named-checkzone corp.test "$work/zone")
last=$(tail -1 "$work/said")
conf=$(code named-checkconf "$work/named.conf")
load=$(code named-checkconf -z "$work/named.conf")
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
for _ in {1..100}; do
  if grep -q 'all zones loaded\|running' "$work/named.log"; then break; fi
  sleep 0.1
done
for _ in {1..20}; do
  if answer=$(dig +time=2 +tries=1 @127.0.0.1 ns.corp.test A); then break; fi
  sleep 0.5
done
status=$(grep -o 'status: [A-Z]*' <<<"$answer")
echo "The zone has '$(tail -1 "$work/zone")'. named-checkzone: exit code $zone, '$last'; named-checkconf: $conf; named-checkconf -z: $load"
echo "The server itself, asked for another name of that zone: $status; its log:"
grep -o 'zone corp.test/IN: .*' "$work/named.log"
[[ $zone == 0 && $last == OK && $conf == 0 && $load == 1 && $status == 'status: SERVFAIL' ]]
