#!/usr/bin/env bash
# PHP: the timeout of fsockopen() is that of all addresses together: behind a silent one the one that serves is never tried.
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
  want nftables 1.0.6-2+deb12u2
  want php8.2-cli 8.2.36-1~deb12u1
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
    server.accept()[0].close()
PYTHON
python3 "$work/host.py" &
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'sport = :1688') ]]; then break; fi
  sleep 0.1
done
by_php() { php8.2 -n -r 'echo @fsockopen("kms", 1688, $code, $message, 2) ? "connected" : $message;'; }
by_python() { python3 -c 'import socket; socket.create_connection(("kms", 1688), 2); print("connected")'; }
refused="PHP $(by_php), Python $(by_python)"
nft add table inet lab
nft 'add chain inet lab heard { type filter hook input priority 0; }'
nft add rule inet lab heard ip daddr 127.0.1.1 drop
nft add rule inet lab heard ip daddr 127.0.1.2 tcp flags syn / syn,ack counter
silent="PHP $(by_php)"
tried=$(nft list chain inet lab heard | grep -oE 'packets [0-9]+')
silent+=", Python $(by_python)"
echo "kms is 127.0.1.1 and 127.0.1.2, which serves; timeout 2 s. The first refuses: $refused"
echo "The first is silent: $silent; what PHP sent to the second: $tried"
[[ $refused == 'PHP connected, Python connected' && $silent == 'PHP Connection timed out, Python connected' && $tried == 'packets 0' ]]
