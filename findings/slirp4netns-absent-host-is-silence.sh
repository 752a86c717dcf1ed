#!/usr/bin/env bash
# slirp4netns: a host that the machine itself is told is unreachable, after 3 s, is silence in the container, however long it waits.
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
  want libslirp0 4.7.0-1
  want slirp4netns 1.2.0-1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# The machine, a neighbour on its cable, and the container.
unshare --net sleep 60 &
neighbour=$!
unshare --net sleep 60 &
container=$!
for pid in "$neighbour" "$container"; do
  for _ in {1..50}; do
    if [[ $(readlink "/proc/$pid/ns/net") != "$(readlink /proc/self/ns/net)" ]]; then break; fi
    sleep 0.1
  done
done
ip link add cable type veth peer name eth0
ip link set eth0 netns "$neighbour"
ip address add 10.20.0.1/24 dev cable
ip link set cable up
nsenter --target "$neighbour" --net ip address add 10.20.0.2/24 dev eth0
nsenter --target "$neighbour" --net ip link set eth0 up
slirp4netns --configure --disable-host-loopback "$container" tap0 >"$work/log" 2>&1 &
for _ in {1..50}; do
  if [[ -n $(nsenter --target "$container" --net ip route show default) ]]; then break; fi
  sleep 0.1
done

cat >"$work/client.py" <<'PYTHON'
import errno, socket, sys, time
for address in sys.argv[1:]:
    with socket.socket() as client:
        client.settimeout(12)
        start = time.monotonic()
        try:
            said = client.connect_ex((address, 1688))
            said = "silence" if said == errno.EAGAIN else errno.errorcode[said]
        except TimeoutError:
            said = "silence"
        print(said, round(time.monotonic() - start), end=" s; ")
PYTHON
# 10.20.0.2 refuses, 10.20.0.77 is nobody.
machine=$(python3 "$work/client.py" 10.20.0.2 10.20.0.77)
inside=$(nsenter --target "$container" --net python3 "$work/client.py" 10.20.0.2 10.20.0.77)
echo "a host that refuses, and one that is not there, from the machine: $machine"
echo "from the container: $inside"
[[ $machine == 'ECONNREFUSED 0 s; EHOSTUNREACH 3 s; ' && $inside == 'ECONNREFUSED 0 s; silence 12 s; ' ]]
