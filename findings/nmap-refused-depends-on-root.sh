#!/usr/bin/env bash
# nmap: a port behind iptables' plain REJECT is "filtered" in a SYN scan, which root gets, and "closed" in a connect scan, all others'.
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
  want iptables 1.8.9-2
  want nmap 7.93+dfsg1-1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
ip link set lo up

# Another machine on the cable: 1688 is rejected there as REJECT does it by itself, and nobody listens on 1689.
unshare --net sleep 60 &
other=$!
for _ in {1..50}; do
  if [[ $(readlink "/proc/$other/ns/net") != "$(readlink /proc/self/ns/net)" ]]; then break; fi
  sleep 0.1
done
ip link add cable type veth peer name eth0
ip link set eth0 netns "$other"
ip address add 10.20.0.1/24 dev cable
ip link set cable up
nsenter --target "$other" --net ip address add 10.20.0.2/24 dev eth0
nsenter --target "$other" --net ip link set eth0 up
nsenter --target "$other" --net iptables -A INPUT -p tcp --dport 1688 -j REJECT

# Ports with state and reason.
scan() {
  nmap -n -Pn -p 1688,1689 --reason "$@" 10.20.0.2 | awk '$1 ~ /\/tcp$/ { printf "%s %s %s; ", $1, $2, $4 }'
}
root=$(scan)
everybody=$(scan --unprivileged)
echo "1688 by REJECT, 1689 without a listener. As root: $root"
echo "As anybody else: $everybody"
[[ $root == '1688/tcp filtered port-unreach; 1689/tcp closed reset; ' ]]
[[ $everybody == '1688/tcp closed conn-refused; 1689/tcp closed conn-refused; ' ]]
