#!/usr/bin/env bash
# proxychains4: connect() of a non-blocking socket blocks until the proxy has answered or not, then says ECONNREFUSED.
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
  want libproxychains4 4.16-2
  want proxychains4 4.16-2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# A SOCKS proxy that takes connections and says nothing.
python3 - <<'PYTHON' &
import socket
with socket.create_server(("127.0.0.2", 1080)) as server:
    held = []
    while True:
        held.append(server.accept())
PYTHON
for _ in {1..50}; do
  if [[ -n $(ss -Hltn 'sport = :1080') ]]; then break; fi
  sleep 0.1
done

cat >"$work/chain" <<'CONFIGURATION'
strict_chain
tcp_read_time_out 1500
tcp_connect_time_out 1500
[ProxyList]
socks5 127.0.0.2 1080
CONFIGURATION

cat >"$work/client.py" <<'PYTHON'
import errno, socket, time
with socket.socket() as client:
    client.setblocking(False)
    start = time.monotonic()
    said = client.connect_ex(("127.0.0.3", 1688))
    print(errno.errorcode.get(said, said), round(time.monotonic() - start, 1))
PYTHON
plain=$(python3 "$work/client.py")
seen=$(proxychains4 -q -f "$work/chain" python3 "$work/client.py")
echo "a non-blocking connect, errno and seconds: by itself $plain; under proxychains4, with a silent proxy $seen"
read -r code seconds <<<"$seen"
[[ $code == ECONNREFUSED && ${seconds%.*} -ge 1 ]]
