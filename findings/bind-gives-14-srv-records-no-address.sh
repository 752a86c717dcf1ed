#!/usr/bin/env bash
# BIND: 13 SRV records come with 13 addresses, 14 with none, over TCP as well, and without a sign of it.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  want() {
    local there
    there=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true)
    if [[ -z $there ]]; then
      DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --no-install-recommends "$1=$2" >/dev/null
    elif [[ $there != "$2" ]]; then
      printf 'measured with %s %s, and here is %s\n' "$1" "$2" "$there" >&2
      exit 2
    fi
    printf '%s %s\n' "$1" "$2"
  }
  want bind9 1:9.18.49-1~deb12u3
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

{
  cat <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
EOF
  for n in {1..14}; do
    printf '_all._tcp SRV 0 0 1688 kms%d\nkms%d A 10.20.0.%d\n' "$n" "$n" "$n"
    if ((n < 14)); then printf '_few._tcp SRV 0 0 1688 kms%d\n' "$n"; fi
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
ask() { dig +time=1 +tries=1 +norecurse "$@"; }
for _ in {1..50}; do
  if ask @127.0.0.1 corp.test SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.1
done

addresses() { ask @127.0.0.1 +tcp +noall +additional "$1" SRV | grep -c '^kms.*IN[[:space:]]A[[:space:]]' || true; }
few=$(addresses _few._tcp.corp.test)
all=$(addresses _all._tcp.corp.test)
tc=$(ask @127.0.0.1 +tcp _all._tcp.corp.test SRV | grep -c '^;; flags:.* tc' || true)
echo "SRV over TCP: 13 records with $few addresses, 14 records with $all; answers marked as cut: $tc"
[[ $few == 13 && $all == 0 && $tc == 0 ]]
