#!/usr/bin/env bash
# wireguard-go: an address that is no peer's is silence, without an ICMP error, and its packets count as sent.
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
  want wireguard-go 0.0.20220316-1+b4
  want wireguard-tools 1.0.20210914-1+b1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up
umask 077
# Its sockets stay behind otherwise.
mount -t tmpfs tmpfs /run
mkdir /run/wireguard

# Two ends of a tunnel over a cable. The route is wider than what the peer has: 10.20.0.0/24 of 10.20.0.0/16.
unshare --net sleep 60 &
other=$!
for _ in {1..50}; do
  if [[ $(readlink "/proc/$other/ns/net") != "$(readlink /proc/self/ns/net)" ]]; then break; fi
  sleep 0.1
done
there() { nsenter --target "$other" --net "$@"; }
ip link add cable type veth peer name eth0
ip link set eth0 netns "$other"
ip address add 10.9.0.1/24 dev cable
ip link set cable up
there ip address add 10.9.0.2/24 dev eth0
there ip link set eth0 up
for name in here there; do wg genkey >"$work/$name"; done
cat >"$work/here.conf" <<EOF
[Interface]
PrivateKey = $(cat "$work/here")
ListenPort = 51820
[Peer]
PublicKey = $(wg pubkey <"$work/there")
Endpoint = 10.9.0.2:51820
AllowedIPs = 10.20.0.0/24
EOF
cat >"$work/there.conf" <<EOF
[Interface]
PrivateKey = $(cat "$work/there")
ListenPort = 51820
[Peer]
PublicKey = $(wg pubkey <"$work/here")
AllowedIPs = 10.66.0.1/32
EOF
WG_PROCESS_FOREGROUND=1 wireguard-go -f wg-find-a >"$work/here.log" 2>&1 &
WG_PROCESS_FOREGROUND=1 there wireguard-go -f wg-find-b >"$work/there.log" 2>&1 &
for name in wg-find-a wg-find-b; do
  for _ in {1..50}; do
    if [[ -S /var/run/wireguard/$name.sock ]]; then break; fi
    sleep 0.1
  done
done
wg setconf wg-find-a "$work/here.conf"
there wg setconf wg-find-b "$work/there.conf"
ip address add 10.66.0.1/32 dev wg-find-a
ip link set wg-find-a up
ip route add 10.20.0.0/16 dev wg-find-a
there ip address add 10.20.0.5/32 dev wg-find-b
there ip link set wg-find-b up
there ip route add 10.66.0.1/32 dev wg-find-b

cat >"$work/client.py" <<'PYTHON'
import errno, socket, sys
with socket.socket() as client:
    client.settimeout(6)
    try:
        said = client.connect_ex((sys.argv[1], 1688))
        print("silence" if said == errno.EAGAIN else errno.errorcode[said])
    except TimeoutError:
        print("silence")
PYTHON
peer=$(python3 "$work/client.py" 10.20.0.5)
packets=$(ip -s -s link show wg-find-a | awk '/TX:/ { getline; print $2; exit }')
nobody=$(python3 "$work/client.py" 10.20.7.5)
sent=$(($(ip -s -s link show wg-find-a | awk '/TX:/ { getline; print $2; exit }') - packets))
errors=$(ip -s -s link show wg-find-a | awk '/TX:/ { getline; print $3 + $4; exit }')
echo "A host behind the peer, where nobody listens: $peer. An address that is no peer's, 6 s: $nobody;"
echo "packets that count as sent for it: $sent, errors and drops: $errors"
[[ $peer == ECONNREFUSED && $nobody == silence && $sent -ge 2 && $errors == 0 ]]
