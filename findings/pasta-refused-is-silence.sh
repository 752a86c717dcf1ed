#!/usr/bin/env bash
# pasta: a port that refuses, at once for the machine itself, is silence in its container.
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
  want passt 0.0~git20230309.7c7625d-1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# A neighbour on the machine's cable, the gateway as well (whose address pasta takes for its own): of its other address
# 1688 is open, and 1689 refuses.
unshare --net sleep 60 &
neighbour=$!
for _ in {1..50}; do
  if [[ $(readlink "/proc/$neighbour/ns/net") != "$(readlink /proc/self/ns/net)" ]]; then break; fi
  sleep 0.1
done
ip link add cable type veth peer name eth0
ip link set eth0 netns "$neighbour"
ip address add 10.20.0.1/24 dev cable
ip link set cable up
for address in 10.20.0.2 10.20.0.5; do nsenter --target "$neighbour" --net ip address add "$address/24" dev eth0; done
nsenter --target "$neighbour" --net ip link set eth0 up
ip route add default via 10.20.0.2
nsenter --target "$neighbour" --net python3 -c '
import socket
with socket.create_server(("10.20.0.5", 1688)) as server:
    held = []
    while True:
        held.append(server.accept())
' &
for _ in {1..50}; do
  if [[ -n $(nsenter --target "$neighbour" --net ss -Hltn 'sport = :1688') ]]; then break; fi
  sleep 0.1
done

# pasta wants to be started by anybody but root, who may open a TUN then.
chmod 755 "$work"
mknod -m 666 "$work/tun" c 10 200
mount --bind "$work/tun" /dev/net/tun
cat >"$work/client.py" <<'PYTHON'
import errno, socket
for port in (1688, 1689):
    with socket.socket() as client:
        client.settimeout(8)
        try:
            said = client.connect_ex(("10.20.0.5", port))
            said = "silence" if said == errno.EAGAIN else errno.errorcode.get(said, "connected")
        except TimeoutError:
            said = "silence"
        print(said, end=" ")
PYTHON
machine=$(python3 "$work/client.py")
inside=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
  pasta --config-net -q -f -I tap0 -t none -u none -- python3 "$work/client.py" 2>"$work/log")
echo "an open port and one that refuses, from the machine: $machine; from the container, 8 s each: $inside"
[[ $machine == 'connected ECONNREFUSED ' && $inside == 'connected silence ' ]]
