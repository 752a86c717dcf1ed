#!/usr/bin/env bash
# Samba: to its RPC client a host without the interface is "The name syntax is not supported.", and so is one without the transfer syntax.
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
  want python3-samba 2:4.17.12+dfsg-0+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/try.py" <<'PYTHON'
import os, socket, struct
from samba.dcerpc.base import ClientConnection
from samba.param import LoadParm
# Result and reason of the one presentation context in a bind_ack (C706 12.6.3.1).
ANSWERS = {
    "abstract_syntax_not_supported": (2, 1),
    "proposed_transfer_syntaxes_not_supported": (2, 2),
    "local_limit_exceeded": (2, 3),
    "user_rejection": (1, 0),
}
def answer(server, result, reason):
    client = server.accept()[0]
    call_id = client.recv(4096)[12:16]
    rest = struct.pack("<HHIH6sBBHHH20x", 4280, 4280, 1, 5, b"1688\0\0", 1, 0, 0, result, reason)
    client.sendall(struct.pack("<4B4sHH4s", 5, 0, 12, 3, b"\x10\0\0\0", 16 + len(rest), 0, call_id) + rest)
settings = LoadParm()
settings.set("interfaces", "lo")
for name, (result, reason) in ANSWERS.items():
    server = socket.create_server(("127.0.0.1", 0))
    # A process of its own: Samba's bindings let no other thread run.
    if os.fork() == 0:
        answer(server, result, reason)
        os._exit(0)
    binding = f"ncacn_ip_tcp:127.0.0.1[{server.getsockname()[1]}]"
    try:
        ClientConnection(binding, ("e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3), lp_ctx=settings)
    except Exception as error:
        print(f"{name}: {error.args[1]}")
PYTHON
seen=$(/usr/bin/python3 "$work/try.py" 2>/dev/null)
echo "A host answers a bind with bind_ack and rejects its context. Its reason, and what Samba's client says:"
echo "$seen"
grep -qx 'abstract_syntax_not_supported: The name syntax is not supported.' <<<"$seen"
grep -qx 'proposed_transfer_syntaxes_not_supported: The name syntax is not supported.' <<<"$seen"
