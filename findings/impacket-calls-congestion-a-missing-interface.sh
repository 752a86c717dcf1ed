#!/usr/bin/env bash
# impacket: a bind_nak that says "temporary congestion" is reported as an interface that the host does not have.
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
  want python3-impacket 0.10.0-4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/try.py" <<'PYTHON'
import socket, struct, threading
from impacket.dcerpc.v5 import transport
from impacket.uuid import uuidtup_to_bin
# provider_reject_reason of a bind_nak, C706 chapter 12.6.3.1 and appendix N; p_reason_t of a context has other names for 1 and 2.
REASONS = {1: "temporary_congestion", 2: "local_limit_exceeded", 4: "protocol_version_not_supported"}
def refuse(server, reason):
    client = server.accept()[0]
    call_id = client.recv(4096)[12:16]
    versions = b"\x01\x05\x00" + b"\0" * 3
    client.sendall(struct.pack("<4B4sHH4sH", 5, 0, 13, 3, b"\x10\0\0\0", 24, 0, call_id, reason) + versions)
for reason, name in REASONS.items():
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=refuse, args=(server, reason), daemon=True).start()
    peer = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:127.0.0.1[{server.getsockname()[1]}]").get_dce_rpc()
    peer.connect()
    try:
        peer.bind(uuidtup_to_bin(("e1af8308-5d1f-11c9-91a4-08002b14a0fa", "3.0")))
    except Exception as error:
        print(f"{reason} ({name}): {error}")
PYTHON
seen=$(/usr/bin/python3 "$work/try.py")
echo "A host answers a bind with bind_nak. Its reason, and what impacket's client says:"
echo "$seen"
grep -q '^1 (.*: Bind context rejected: abstract_syntax_not_supported' <<<"$seen"
grep -q '^2 (.*: Bind context rejected: proposed_transfer_syntaxes_not_supported' <<<"$seen"
