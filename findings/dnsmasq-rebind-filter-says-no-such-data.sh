#!/usr/bin/env bash
# dnsmasq: stop-dns-rebind says of a private address "no such record", not "refused"; only EDE 15 and a missing SOA tell.
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
  want dnsmasq-base 2.90-4~deb12u2
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
dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts \
  --listen-address=127.0.0.2 --bind-interfaces --server=127.0.0.1 --stop-dns-rebind >"$work/dnsmasq.log" 2>&1 &
ask() { dig +time=1 +tries=1 "$@"; }
for _ in {1..50}; do
  if ask @127.0.0.1 corp.test SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.1
done
for _ in {1..50}; do
  if ask @127.0.0.2 corp.test SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.1
done

a=$(ask @127.0.0.2 kms1.corp.test A)
aaaa=$(ask @127.0.0.2 kms1.corp.test AAAA)
soa() { grep -c 'IN[[:space:]]SOA' <<<"$1" || true; }
ede=$(grep -o 'EDE: 15[^;]*' <<<"$a" || true)
echo "The zone has an A record, 10.20.0.5, and no AAAA record; asked with --stop-dns-rebind for"
for answer in "A $a" "AAAA $aaaa"; do
  echo "${answer%%[[:space:]]*}: $(grep -o 'status: [A-Z]*' <<<"$answer"), $(grep -o 'ANSWER: [0-9]*' <<<"$answer"), SOA: $(soa "$answer")"
done
echo "Both read as 'no such record'. What tells them apart is the SOA that is missing, and $ede"
for answer in "$a" "$aaaa"; do
  grep -q 'status: NOERROR' <<<"$answer"
  grep -q ' ANSWER: 0,' <<<"$answer"
done
[[ $(soa "$a") == 0 && $(soa "$aaaa") == 1 && -n $ede ]]
