#!/usr/bin/env bash
# openbsd-inetd: from the 256th connection of a minute on it accepts, closes at once, and says so only in syslog, until the minute is over.
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
  fetch openbsd-inetd=0.20221205-2~deb12u1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf '127.0.0.1:1688 stream tcp nowait root /bin/echo echo served\n' >"$work/inetd.conf"
"$work/usr/sbin/inetd" -i "$work/inetd.conf" &
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'sport = :1688') ]]; then break; fi
  sleep 0.1
done
cat >"$work/try.py" <<'PYTHON'
import socket, time
def once():
    try:
        with socket.create_connection(("127.0.0.1", 1688), 5) as client:
            return "served" if client.recv(6) else "closed"
    except ConnectionError as error:
        return type(error).__name__
start, served = time.monotonic(), 0
while (said := once()) == "served" and served < 500:
    served += 1
while once() == said and time.monotonic() - start < 90:
    time.sleep(1)
print(served, said, round(time.monotonic() - start))
PYTHON
read -r served said back <<<"$(python3 "$work/try.py")"
echo "One connection after the other: $served served; the next: $said; another answer $back s after the first"
[[ $served == 255 && $said == closed && $back -ge 58 && $back -le 66 ]]
