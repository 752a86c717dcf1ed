#!/usr/bin/env bash
# dnsdist: while all of its name servers are down it answers nothing over UDP, and takes TCP connections only to close them.
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
  want dnsdist 1.7.3-2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

ip address add 127.0.0.2/32 dev lo
printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.2\n_vlmcs._tcp SRV 0 0 1688 kms1\n' >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.2; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
server=$!
balance() {
  printf 'setLocal("127.0.0.1:%s") newServer("127.0.0.2:53") setSecurityPollSuffix("")%s\n' "$1" "$2" >"$work/dnsdist-$1.conf"
  dnsdist --supervised --disable-syslog -C "$work/dnsdist-$1.conf" >"$work/dnsdist-$1.log" 2>&1 &
}
balance 53 ''
balance 54 ' setServFailWhenNoServer(true)'
ask() {
  local said
  said=$(dig +time=3 +tries=1 @127.0.0.1 "$@" _vlmcs._tcp.corp.test SRV || true)
  grep -oE 'status: [A-Z]*|timed out|end of file|connection refused' <<<"$said" | head -1 || true
}
for _ in {1..50}; do
  if [[ $(ask) == 'status: NOERROR' && $(ask -p 54) == 'status: NOERROR' ]]; then break; fi
  sleep 0.2
done
up=$(ask)
kill "$server"
for _ in {1..60}; do
  if grep -q "as 'down'" "$work/dnsdist-53.log" && grep -q "as 'down'" "$work/dnsdist-54.log"; then break; fi
  sleep 0.2
done
udp=$(ask)
tcp=$(ask +tcp)
told=$(ask -p 54)
echo "Its name server answers: $up. That is down, and dnsdist knows: UDP: $udp, TCP: $tcp"
echo "With setServFailWhenNoServer(true): $told"
[[ $up == 'status: NOERROR' && $udp == 'timed out' && $tcp == 'end of file' && $told == 'status: SERVFAIL' ]]
