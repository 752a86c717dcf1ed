#!/usr/bin/env bash
# socat: of a name with two addresses TCP4: tries the first alone; where that refuses, the forwarder fails, though the second serves.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  gone() {
    printf '%s cannot be had from the package registry: it is gone, or there is no way to it\n' "$1" >&2
    exit 2
  }
  # One program: unpacked here, so that no service is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  fetch socat=1.7.4.4-2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf '127.0.1.1 kms\n127.0.1.2 kms\n' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts
cat >"$work/host.py" <<'PYTHON'
import socket
server = socket.create_server(("127.0.1.2", 1688))
while True:
    client = server.accept()[0]
    client.sendall(b"served\n")
    client.close()
PYTHON
python3 "$work/host.py" &
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'sport = :1688') ]]; then break; fi
  sleep 0.1
done
by_socat=$("$work/usr/bin/socat" -u TCP4:kms:1688 - 2>&1 || true)
by_python=$(python3 -c 'import socket; print(socket.create_connection(("kms", 1688)).recv(6).decode())')
echo "kms is 127.0.1.1, which refuses, and 127.0.1.2, which serves. Python: $by_python; socat: ${by_socat#* E }"
[[ $by_python == served && $by_socat == *'connect('*'127.0.1.1:1688'*'Connection refused'* && $by_socat != *127.0.1.2* ]]
