#!/usr/bin/env bash
# systemd-resolved: DNSSEC=allow-downgrade makes SERVFAIL of an unsigned zone whose server knows DNSSEC, with the records in it.
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
  # Its package would take over /etc/resolv.conf: the program alone is unpacked.
  (
    cd "$work"
    apt-get -qq download -o APT::Sandbox::User=root systemd-resolved=252.39-1~deb12u2 2>/dev/null
    dpkg-deb --fsys-tarfile systemd-resolved_*.deb | tar -x ./lib/systemd/systemd-resolved
  ) || gone systemd-resolved=252.39-1~deb12u2
  echo 'systemd-resolved 252.39-1~deb12u2'
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

chmod 755 "$work"
# A cable, as of a machine that has a network; both ends are here.
ip link add cable type veth peer name far
ip address add 10.53.0.1/24 dev cable
ip link set cable up
ip link set far up
cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 10.53.0.1
_vlmcs._tcp SRV 0 0 1688 kms1
kms1 A 10.53.0.1
EOF
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 10.53.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.example" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
for _ in {1..50}; do
  if dig +time=1 +tries=1 @10.53.0.1 corp.example SOA +short >/dev/null 2>&1; then break; fi
  sleep 0.2
done
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/resolve "$work/etc"
mount --bind "$work/etc" /etc/systemd
{
  grep -v '^systemd-resolve:' /etc/passwd
  echo 'systemd-resolve:x:0:0::/:/bin/false'
} >"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
with() {
  printf '[Resolve]\nDNS=10.53.0.1\nDNSSEC=%s\nLLMNR=no\nMulticastDNS=no\n' "$1" >"$work/etc/resolved.conf"
  "$work/lib/systemd/systemd-resolved" >"$work/resolved.log" 2>&1 &
  local own=$! said
  for _ in {1..100}; do
    if [[ -n $(ss -Hlun 'src = 127.0.0.53 and sport = :53') ]]; then break; fi
    sleep 0.1
  done
  said=$(dig +time=8 +tries=1 @127.0.0.53 _vlmcs._tcp.corp.example SRV || true)
  kill "$own"
  wait "$own" 2>/dev/null || true
  printf '%s, %s' "$(grep -o 'status: [A-Z]*' <<<"$said")" "$(grep -oP 'ANSWER: \K[0-9]+' <<<"$said") SRV records"
}
no=$(with no)
downgrade=$(with allow-downgrade)
echo "An unsigned zone at BIND. systemd-resolved with DNSSEC=no: $no; with DNSSEC=allow-downgrade: $downgrade"
[[ $no == 'status: NOERROR, 1 SRV records' && $downgrade == 'status: SERVFAIL, 1 SRV records' ]]
