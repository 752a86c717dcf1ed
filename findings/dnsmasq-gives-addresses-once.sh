#!/usr/bin/env bash
# dnsmasq: the addresses beside a forwarded SRV record are there for whoever asks first; until its TTL is over nobody else gets them.
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
$TTL 2
@ SOA ns hostmaster 1 3600 600 86400 2
@ NS ns
ns A 127.0.0.1
_vlmcs._tcp SRV 0 0 1688 kms1
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
  --listen-address=127.0.0.2 --bind-interfaces --server=127.0.0.1 >"$work/log" 2>&1 &
ask() { dig +time=1 +tries=1 "$@"; }
for server in 127.0.0.1 127.0.0.2; do
  for _ in {1..50}; do
    if ask "@$server" corp.test SOA +short 2>/dev/null | grep -q hostmaster; then break; fi
    sleep 0.1
  done
done

# Records in the answer, and addresses beside it.
counts() {
  local said
  said=$(ask @127.0.0.2 _vlmcs._tcp.corp.test SRV)
  echo "$(grep -c '^_vlmcs.*SRV' <<<"$said")+$(grep -c '^kms1.*10\.20\.0\.5$' <<<"$said" || true)"
}
first=$(counts)
second=$(counts)
third=$(counts)
# Beyond the TTL of 2 s it asks its server again.
sleep 3.2
later=$(counts)
echo "SRV records and addresses in three answers one after the other: $first, $second, $third; when the TTL is over: $later"
[[ $first == 1+1 && $second == 1+0 && $third == 1+0 && $later == 1+1 ]]
