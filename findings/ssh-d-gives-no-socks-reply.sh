#!/usr/bin/env bash
# OpenSSH: of a connection that failed, ssh -D sends no SOCKS reply: it closes, for "refused" as for "no route", in SOCKS 4 and 5.
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
  want openssh-client 1:9.2p1-2+deb12u10
  want openssh-server 1:9.2p1-2+deb12u10
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up
# sshd wants it; not of this machine.
mount -t tmpfs tmpfs /run
mkdir /run/sshd

for key in host user; do ssh-keygen -q -t ed25519 -N '' -f "$work/$key"; done
/usr/sbin/sshd -f /dev/null -D -E "$work/sshd.log" -h "$work/host" -o Port=2222 -o ListenAddress=127.0.0.1 \
  -o AuthorizedKeysFile="$work/user.pub" -o StrictModes=no -o UsePAM=no -o PidFile=none &
listening() {
  for _ in {1..100}; do
    if [[ -n $(ss -Hltn "sport = :$1") ]]; then return; fi
    sleep 0.1
  done
}
listening 2222
ssh -F /dev/null -N -D 127.0.0.1:1080 -i "$work/user" -p 2222 -o StrictHostKeyChecking=no \
  -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 &
listening 1080

cat >"$work/client.py" <<'PYTHON'
import socket
def ask(version, address, port):
    with socket.create_connection(("127.0.0.1", 1080)) as client:
        client.settimeout(10)
        where = port.to_bytes(2, "big"), socket.inet_aton(address)
        if version == 5:
            client.sendall(b"\5\1\0")
            if client.recv(2) != b"\5\0":
                return "no method"
            client.sendall(b"\5\1\0\1" + where[1] + where[0])
        else:
            client.sendall(b"\4\1" + where[0] + where[1] + b"\0")
        said = client.recv(2)
        return f"reply {said[1]}" if said else "closed"
for version in (5, 4):
    said = [ask(version, *target) for target in (("127.0.0.1", 2222), ("127.0.0.1", 9), ("10.20.0.5", 1688))]
    print(f"SOCKS {version}: " + ", ".join(said))
PYTHON
seen=$(python3 "$work/client.py")
echo "a port that is open, one that refuses, and an address without a route, by 'ssh -D':"
echo "$seen"
[[ $seen == $'SOCKS 5: reply 0, closed, closed\nSOCKS 4: reply 90, closed, closed' ]]
