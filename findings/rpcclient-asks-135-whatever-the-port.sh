#!/usr/bin/env bash
# Samba's rpcclient: told ncacn_ip_tcp:HOST[1688] it asks the endpoint mapper at 135 instead; where that is closed, port 1688 sees nothing.
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
  # One program: unpacked here, so that no service is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  want samba-libs 2:4.17.12+dfsg-0+deb12u4
  fetch smbclient=2:4.17.12+dfsg-0+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/listen.py" <<'PYTHON'
import select, socket
listening = {socket.create_server(("127.0.0.1", port)): port for port in (445, 1688)}
while True:
    for server in select.select(list(listening), [], [])[0]:
        server.accept()[0].close()
        print(listening[server], flush=True)
PYTHON
python3 "$work/listen.py" >"$work/asked" &
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'sport = :1688') ]]; then break; fi
  sleep 0.1
done
printf '[global]\n' >"$work/smb.conf"
ask() {
  timeout 20 "$work/usr/bin/rpcclient" -s "$work/smb.conf" -U% -c getusername 'ncacn_ip_tcp:127.0.0.1[1688]' 2>&1 || true
}
# Who is asked, seen by whoever listens: first with 135 closed, then with a mapper's port that accepts.
said=$(ask)
closed=$(tr '\n' ' ' <"$work/asked")
python3 -c '
import socket
server = socket.create_server(("127.0.0.1", 135))
while True:
    server.accept()[0].close()
    print(135, flush=True)' >"$work/mapper" &
for _ in {1..100}; do
  if [[ -n $(ss -Hlnt 'sport = :135') ]]; then break; fi
  sleep 0.1
done
ask >/dev/null
echo "ncacn_ip_tcp:127.0.0.1[1688], where 1688 and 445 listen. With 135 closed, connections at them: '${closed% }'; it says:"
echo "$said"
echo "With 135 open, connections at 135: $(wc -l <"$work/mapper"), at the others: $(wc -l <"$work/asked")"
[[ -z $closed && $said == *NT_STATUS_CONNECTION_REFUSED* && -s "$work/mapper" && ! -s "$work/asked" ]]
