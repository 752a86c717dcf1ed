#!/usr/bin/env bash
# shadowsocks: ss-local tells a SOCKS client that it is connected, before anything is: with its server away, for every host and port; then it closes.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  gone() {
    printf '%s cannot be had from the package registry: it is gone, or there is no way to it\n' "$1" >&2
    exit 2
  }
  # Two programs and their libraries: unpacked here, so that nothing is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  fetch shadowsocks-libev=3.3.5+ds-10
  fetch libcork16=1.0.0~rc3-3
  fetch libcorkipset1=1.1.1+git20171111.6842a63-2
  fetch libbloom1=1.6-6
  fetch libjsonparser1.1=1.1.0-2
  fetch libmbedcrypto7=2.28.3-1
  fetch libev4=1:4.33-1
  fetch libpcre3=2:8.39-15
  fetch libsodium23=1.0.18-1+deb12u1
  fetch microsocks=1.0.3-2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

libraries=$work/usr/lib/x86_64-linux-gnu
# Nobody listens at 127.0.0.2, where its server should be; microsocks is a SOCKS proxy that waits for the host's answer.
LD_LIBRARY_PATH=$libraries "$work/usr/bin/ss-local" -s 127.0.0.2 -p 8388 -b 127.0.0.1 -l 1080 -k unused -m aes-256-gcm >"$work/log" 2>&1 &
"$work/usr/bin/microsocks" -i 127.0.0.1 -p 1081 >/dev/null 2>&1 &
for port in 1080 1081; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hltn "sport = :$port") ]]; then break; fi
    sleep 0.1
  done
done
cat >"$work/client.py" <<'PYTHON'
import socket
def ask(proxy):
    with socket.create_connection(("127.0.0.1", proxy)) as client:
        client.settimeout(5)
        client.sendall(b"\5\1\0")
        client.recv(2)
        # CONNECT 127.0.3.1:1688, where nobody listens either.
        client.sendall(b"\5\1\0\1\x7f\0\3\1" + (1688).to_bytes(2, "big"))
        reply = client.recv(10)[1]
        try:
            client.sendall(b"\5")
            return reply, "closed" if not client.recv(1) else "data"
        except ConnectionResetError:
            return reply, "closed"
        except TimeoutError:
            return reply, "open"
print(*ask(1080), *ask(1081))
PYTHON
read -r reply after other other_after <<<"$(python3 "$work/client.py")"
echo "CONNECT to a port that refuses: ss-local, its server away, replies $reply (0: succeeded), then: $after; microsocks replies $other (5: refused), then: $other_after"
[[ $reply == 0 && $after == closed && $other == 5 ]]
