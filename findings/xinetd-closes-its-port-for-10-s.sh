#!/usr/bin/env bash
# xinetd: the 51st connection of a second closes a forwarder's port for everybody, for 10 s: it refuses, as if nothing had ever listened.
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
  fetch xinetd=1:2.3.15.3-1+b1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/xinetd.conf" <<'EOF'
defaults
{
}
service kms
{
 type = UNLISTED
 bind = 127.0.0.1
 port = 1688
 socket_type = stream
 protocol = tcp
 wait = no
 user = root
 redirect = 127.0.2.1 1688
}
EOF
cat >"$work/host.py" <<'PYTHON'
import socket
server = socket.create_server(("127.0.2.1", 1688), backlog=100)
while True:
    client = server.accept()[0]
    client.sendall(b"served")
    client.close()
PYTHON
python3 "$work/host.py" &
"$work/usr/sbin/xinetd" -dontfork -f "$work/xinetd.conf" -filelog "$work/log" >/dev/null 2>&1 &
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'src = 127.0.0.1 and sport = :1688') && -n $(ss -Hlnt 'src = 127.0.2.1') ]]; then break; fi
  sleep 0.1
done
cat >"$work/try.py" <<'PYTHON'
import socket, time
def once():
    try:
        with socket.create_connection(("127.0.0.1", 1688), 5) as client:
            return "served" if client.recv(6) else "closed"
    except ConnectionRefusedError:
        return "refused"
# One after the other, each ended before the next begins.
start, served = time.monotonic(), 0
while (said := once()) == "served" and served < 500:
    served += 1
until = once()
refused = time.monotonic()
while once() != "served" and time.monotonic() - refused < 30:
    time.sleep(0.2)
print(served, said, until, round(time.monotonic() - refused))
PYTHON
read -r served said until back <<<"$(python3 "$work/try.py")"
echo "A forwarder (redirect), one connection after the other: $served served; the next: $said; the one after it: $until; served again after $back s"
echo "its log:"
sed -n 's/.*: ERROR: //p' "$work/log"
[[ $served == 50 && $until == refused && $back -ge 8 && $back -le 14 ]]
