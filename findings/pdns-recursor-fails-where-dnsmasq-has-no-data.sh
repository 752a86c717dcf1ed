#!/usr/bin/env bash
# PowerDNS Recursor: with forward-zones to a dnsmasq, "no IPv6 address" is SERVFAIL, while "10.0.0.5" and "no such name" pass; with forward-zones-recurse all do.
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
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  want dnsmasq-base 2.90-4~deb12u2
  want pdns-recursor 4.8.8-1+deb12u1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# A dnsmasq that has the name with an IPv4 address alone, and a recursor in front of it.
dnsmasq -C /dev/null --keep-in-foreground --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
  --listen-address=127.0.0.2 --local=/corp.test/ --host-record=kms1.corp.test,10.0.0.5 2>/dev/null &

for mode in forward-zones forward-zones-recurse; do
  mkdir "$work/$mode"
  address=127.0.0.1
  if [[ $mode == *recurse ]]; then address=127.0.0.3; fi
  cat >"$work/$mode/recursor.conf" <<EOF
local-address=$address
$mode=corp.test=127.0.0.2
socket-dir=$work/$mode
daemon=no
dnssec=off
security-poll-suffix=
EOF
  pdns_recursor --config-dir="$work/$mode" >"$work/$mode/log" 2>&1 &
done
for address in 127.0.0.2 127.0.0.1 127.0.0.3; do
  for _ in {1..100}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done

ask() { dig +time=5 +tries=1 "@$1" "$2" "$3" | grep -o 'status: [A-Z]*' | cut -d ' ' -f 2; }
for server in 127.0.0.2 127.0.0.1 127.0.0.3; do
  said=$(ask $server kms1.corp.test A),$(ask $server kms1.corp.test AAAA),$(ask $server nosuch.corp.test A)
  case $server in
    127.0.0.2) who=dnsmasq ;;
    127.0.0.1) who='the recursor, forward-zones' ;;
    *) who='the recursor, forward-zones-recurse' ;;
  esac
  echo "$who: kms1 A, kms1 AAAA, nosuch A: $said"
  if [[ $server == 127.0.0.1 ]]; then [[ $said == NOERROR,SERVFAIL,NXDOMAIN ]]; else [[ $said == NOERROR,NOERROR,NXDOMAIN ]]; fi
done
