#!/usr/bin/env bash
# haproxy: SRV records of weight 0, as KMS hosts publish them, make servers that are up and get nothing; 1 to 255 are all one.
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
  want bind9 1:9.18.49-1~deb12u3
  want haproxy 2.6.12-1+deb12u4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
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
_zero._tcp SRV 0 0 1688 kms1
_zero._tcp SRV 0 0 1688 kms2
_some._tcp SRV 0 1 1688 kms1
_some._tcp SRV 0 255 1688 kms2
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
# The two hosts: each says one line to whoever connects.
python3 - <<'PYTHON' &
import socketserver
class Host(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"served\n")
with socketserver.ThreadingTCPServer(("127.0.1.1", 1688), Host) as one, \
     socketserver.ThreadingTCPServer(("127.0.1.2", 1688), Host) as two:
    import threading
    threading.Thread(target=one.serve_forever, daemon=True).start()
    two.serve_forever()
PYTHON
for port in 53 1688; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hltn "sport = :$port") ]]; then break; fi
    sleep 0.1
  done
done

backend() {
  cat <<EOF
listen $1
  bind $2:1688
  server-template kms 2 _$1._tcp.corp.test resolvers dns init-addr none check inter 200ms
EOF
}
cat >"$work/haproxy.cfg" <<EOF
global
  stats socket $work/socket
defaults
  mode tcp
  timeout connect 1s
  timeout client 5s
  timeout server 5s
resolvers dns
  nameserver ns 127.0.0.1:53
$(backend zero 127.0.0.2)
$(backend some 127.0.0.3)
EOF
haproxy -f "$work/haproxy.cfg" -db >"$work/haproxy.log" 2>&1 &
cat >"$work/client.py" <<'PYTHON'
import socket, sys
def read(family, address, said=b""):
    with socket.socket(family) as client:
        client.settimeout(4)
        client.connect(address)
        client.sendall(said)
        got = b""
        while more := client.recv(65536):
            got += more
        return got.decode()
if sys.argv[1] == "stat":
    for line in read(socket.AF_UNIX, sys.argv[2], b"show stat\n").splitlines():
        cells = line.split(",")
        if cells[1].startswith("kms"):
            print(cells[0], cells[1], cells[17], cells[18])
else:
    try:
        print(read(socket.AF_INET, (sys.argv[1], 1688)).strip() or "closed")
    except OSError:
        print("closed")
PYTHON
stat() { python3 "$work/client.py" stat "$work/socket" 2>/dev/null || true; }
for _ in {1..60}; do
  if [[ $(stat | grep -c ' UP ') == 4 ]]; then break; fi
  sleep 0.2
done
states=$(stat)
zero=$(python3 "$work/client.py" 127.0.0.2)
some=$(python3 "$work/client.py" 127.0.0.3)
echo "servers by SRV records of weight 0 and 0, and of weight 1 and 255 (name, server, state, weight in haproxy):"
echo "$states"
echo "a client of the first: $zero; of the second: $some"
[[ $(grep -c '^zero kms[12] UP 0$' <<<"$states") == 2 && $(grep -c '^some kms[12] UP 1$' <<<"$states") == 2 ]]
[[ $zero == closed && $some == served ]]
