#!/usr/bin/env bash
# dnsmasq: srv-host with a target and no port publishes port 1, with a TTL of 0.
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
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  want dnsmasq-base 2.90-4~deb12u2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts \
  --listen-address=127.0.0.2 --bind-interfaces --srv-host=_vlmcs._tcp.corp.test,kms1.corp.test >"$work/log" 2>&1 &
ask() { dig +time=1 +tries=1 +noall +answer @127.0.0.2 _vlmcs._tcp.corp.test SRV; }
for _ in {1..50}; do
  if ask >/dev/null 2>&1; then break; fi
  sleep 0.1
done
seen=$(ask | tr -s '\t ' ' ')
echo "srv-host=_vlmcs._tcp.corp.test,kms1.corp.test is taken without a complaint, and answers:"
echo "$seen"
[[ $seen == *' 0 IN SRV 0 0 1 kms1.corp.test.' ]]
