#!/usr/bin/env bash
# unbound: a forward-zone for corp.test is never asked: it denies all of .test itself, as an authority.
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
  want unbound 1.17.1-2+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
kms1 A 10.20.0.5
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
start() {
  cat >"$work/$1.conf" <<EOF
server:
  interface: 127.0.0.$2
  do-not-query-localhost: no
  chroot: ""
  username: ""
  directory: "$work"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  $3
forward-zone:
  name: "corp.test."
  forward-addr: 127.0.0.1
EOF
  unbound -d -c "$work/$1.conf" >"$work/$1.log" 2>&1 &
}
start plain 2 ''
start nodefault 3 'local-zone: "test." nodefault'
ask() { dig +time=1 +tries=1 "$@"; }
for _ in {1..50}; do
  if ask @127.0.0.1 corp.test SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.1
done
for server in 127.0.0.2 127.0.0.3; do
  for _ in {1..50}; do
    if ask "@$server" corp.test SOA +short >/dev/null 2>&1; then break; fi
    sleep 0.1
  done
done

plain=$(ask @127.0.0.2 kms1.corp.test A)
owner=$(grep -o '^test\..*SOA.*' <<<"$plain" || true)
told=$(ask @127.0.0.3 kms1.corp.test A +short)
echo "As configured: $(grep -o 'status: [A-Z]*' <<<"$plain"), $(grep -o 'flags: [a-z ]*' <<<"$plain" | head -1); $owner"
echo "With 'local-zone: \"test.\" nodefault' beside it: $told"
grep -q 'status: NXDOMAIN' <<<"$plain" && grep -q 'flags: qr aa' <<<"$plain" && [[ -n $owner && $told == 10.20.0.5 ]]
