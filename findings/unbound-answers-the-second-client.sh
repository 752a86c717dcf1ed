#!/usr/bin/env bash
# unbound: where a forwarder takes 1 s for an answer, the first client gets none at all, not even SERVFAIL; the second has it at once.
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
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  want unbound 1.17.1-2+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# The forwarder: it answers every question for an address, each 1 s after it came.
python3 - <<'PYTHON' &
import socket, threading
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    data, client = server.recvfrom(4096)
    end = data.index(b"\0", 12) + 5
    record = b"\xc0\x0c" b"\0\1\0\1" b"\0\0\1\x2c" b"\0\4" b"\x0a\x14\0\5"
    answer = data[:2] + b"\x85\x80" b"\0\1\0\1\0\0\0\0" + data[12:end] + record
    threading.Timer(1, server.sendto, (answer, client)).start()
PYTHON
# Two of them: as it comes, and one that does not give up its clients.
start() {
  cat >"$work/$1.conf" <<EOF
server:
  interface: 127.0.0.$2
  do-not-query-localhost: no
  chroot: ""
  username: ""
  directory: "$work"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  local-zone: "test." nodefault
  $3
forward-zone:
  name: "corp.test."
  forward-addr: 127.0.0.1
EOF
  unbound -d -c "$work/$1.conf" >"$work/$1.log" 2>&1 &
}
start plain 2 ''
start waits 3 'discard-timeout: 0'
for address in 127.0.0.1 127.0.0.2 127.0.0.3; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done

ask() { dig +time=10 +tries=1 +short "@$1" kms1.corp.test A | grep -x '10.20.0.5' || echo nothing; }
waits=$(ask 127.0.0.3)
first=$(ask 127.0.0.2)
start=$EPOCHREALTIME
second=$(ask 127.0.0.2)
took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
echo "As it comes, a first client that waits 10 s gets: $first; a second one: $second"
echo "With 'discard-timeout: 0' (1900 ms by default) the first client gets: $waits"
[[ $first == nothing && $second == 10.20.0.5 && $took -lt 900 && $waits == 10.20.0.5 ]]
