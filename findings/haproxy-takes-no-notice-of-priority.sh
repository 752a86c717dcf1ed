#!/usr/bin/env bash
# haproxy: an SRV record of priority 10, to be asked where those of priority 0 fail, gets half of the connections.
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
  want bind9 1:9.18.49-1~deb12u3
  want haproxy 2.6.12-1+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
kms1 A 127.0.1.1
kms2 A 127.0.1.2
_vlmcs._tcp SRV 0 10 1688 kms1
_vlmcs._tcp SRV 10 10 1688 kms2
EOF
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
# The two hosts: each says its name to whoever connects.
cat >"$work/hosts.py" <<'PYTHON'
import socketserver, threading
def host(address, name):
    class Host(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(name)
    return socketserver.ThreadingTCPServer((address, 1688), Host)
first, second = host("127.0.1.1", b"kms1"), host("127.0.1.2", b"kms2")
threading.Thread(target=first.serve_forever, daemon=True).start()
second.serve_forever()
PYTHON
python3 "$work/hosts.py" &
for port in 53 1688; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hltn "sport = :$port") ]]; then break; fi
    sleep 0.1
  done
done
cat >"$work/haproxy.cfg" <<'EOF'
defaults
  mode tcp
  timeout connect 1s
  timeout client 5s
  timeout server 5s
resolvers dns
  nameserver ns 127.0.0.1:53
listen kms
  bind 127.0.0.2:1688
  server-template kms 2 _vlmcs._tcp.corp.test resolvers dns init-addr none check inter 200ms
EOF
haproxy -f "$work/haproxy.cfg" -db >"$work/haproxy.log" 2>&1 &
cat >"$work/client.py" <<'PYTHON'
import socket, time
def served():
    try:
        with socket.create_connection(("127.0.0.2", 1688), 2) as client:
            return client.recv(4).decode()
    except OSError:
        return ""
# Until both hosts have been seen, or for ten seconds.
seen, end = set(), time.monotonic() + 10
while len(seen) < 2 and time.monotonic() < end:
    seen |= {served()} - {""}
    time.sleep(0.1)
got = [served() for _ in range(20)]
print(got.count("kms1"), got.count("kms2"))
PYTHON
read -r first second <<<"$(python3 "$work/client.py")"
echo "_vlmcs._tcp: kms1 with priority 0, kms2 with priority 10, both up. Of 20 connections kms1 got $first, kms2 $second"
[[ $first == 10 && $second == 10 ]]
