#!/usr/bin/env bash
# Samba: a DCE/RPC client that says it takes fragments of 1432 bytes, as every one must, is told 2048, and sent 2040.
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
  want samba 2:4.17.12+dfsg-0+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# The endpoint mapper, by itself.
mkdir "$work/private" "$work/ncalrpc"
cat >"$work/smb.conf" <<EOF
[global]
  private dir = $work/private
  ncalrpc dir = $work/ncalrpc
  lock directory = $work
  state directory = $work
  cache directory = $work
  pid directory = $work
  log file = $work/log
  interfaces = lo
  bind interfaces only = yes
  rpc start on demand helpers = false
  rpc server dynamic port range = 49152-49170
EOF
/usr/libexec/samba/samba-dcerpcd -F --no-process-group -s "$work/smb.conf" --libexec-rpcds >"$work/out" 2>&1 &
for _ in {1..100}; do
  if [[ -n $(ss -Hltn 'sport = :135') ]]; then break; fi
  sleep 0.1
done

# A bind that offers one size, and a lookup whose answer is longer.
cat >"$work/client.py" <<'PYTHON'
import socket, struct, uuid
EPMAPPER = uuid.UUID("e1af8308-5d1f-11c9-91a4-08002b14a0fa").bytes_le + struct.pack("<HH", 3, 0)
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + struct.pack("<I", 2)
def pdu(kind, call, body):
    return struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", 16 + len(body), 0, call) + body
def receive(stream):
    head = stream.read(16)
    return head, stream.read(struct.unpack_from("<H", head, 8)[0] - 16)
def fragments(size):
    with socket.create_connection(("127.0.0.1", 135)) as client, client.makefile("rb") as stream:
        client.settimeout(20)
        client.sendall(pdu(11, 1, struct.pack("<HHIBBHHBB", size, size, 0, 1, 0, 0, 0, 1, 0) + EPMAPPER + NDR))
        _, said = receive(stream)
        # ept_lookup: all there are, 500 at most.
        stub = struct.pack("<IIII20xI", 0, 0, 0, 1, 500)
        client.sendall(pdu(0, 2, struct.pack("<IHH", len(stub), 0, 2) + stub))
        got = []
        while True:
            head, body = receive(stream)
            got.append(16 + len(body))
            if head[3] & 2:
                return struct.unpack_from("<HH", said), max(got)
for size in (4280, 1432):
    (transmit, accept), longest = fragments(size)
    print(f"offered {size}: told {transmit} and {accept}, the longest fragment sent has {longest} bytes")
PYTHON
seen=$(python3 "$work/client.py")
echo "$seen"
[[ $seen == *'offered 4280: told 4280 and 4280, the longest fragment sent has 4280'* ]]
[[ $seen == *'offered 1432: told 2048 and 2048, the longest fragment sent has 2040'* ]]
