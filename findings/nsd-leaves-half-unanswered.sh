#!/usr/bin/env bash
# NSD: of more than 200 equal questions a second about half get no answer, the others a truncated one; BIND answers all.
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
  want bind9 1:9.18.49-1~deb12u3
  fetch nsd=4.6.1-1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

ip address add 127.0.0.2/32 dev lo
printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n_vlmcs._tcp SRV 0 0 1688 kms1\n' >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.2; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
cat >"$work/nsd.conf" <<EOF
server:
  ip-address: 127.0.0.1
  username: ""
  zonesdir: "$work"
  database: ""
  pidfile: ""
  xfrdfile: ""
  zonelistfile: "$work/zones"
  xfrdir: "$work"
remote-control:
  control-enable: no
zone:
  name: corp.test
  zonefile: zone
EOF
"$work/usr/sbin/nsd" -d -c "$work/nsd.conf" >"$work/nsd.log" 2>&1 &
for address in 127.0.0.1 127.0.0.2; do
  for _ in {1..100}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done
cat >"$work/ask.py" <<'PYTHON'
import socket, struct, sys, time
name = b"".join(bytes([len(label)]) + label for label in (b"_vlmcs", b"_tcp", b"corp", b"test")) + b"\0"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.connect((sys.argv[1], 53))
    def ask(id, seconds):
        client.send(struct.pack(">6H", id, 0x100, 1, 0, 0, 0) + name + struct.pack(">HH", 33, 1))
        return take(seconds)
    def take(seconds):
        client.settimeout(seconds)
        try:
            return client.recv(512)
        except TimeoutError:
            return None
    while ask(0, 1) is None:
        pass
    time.sleep(2)
    # A steady pace of at most 1,000 questions a second, for 3 s.
    start, asked, whole, cut = time.monotonic(), 0, 0, 0
    while time.monotonic() - start < 3:
        asked += 1
        said = ask(asked, 0.001)
        while said is not None:
            whole, cut = (whole, cut + 1) if said[2] & 2 else (whole + 1, cut)
            said = take(0.001)
    while (said := take(1)) is not None:
        whole, cut = (whole, cut + 1) if said[2] & 2 else (whole + 1, cut)
print(asked, whole, cut, asked - whole - cut)
PYTHON
for server in 'NSD 127.0.0.1' 'BIND 127.0.0.2'; do
  read -r asked whole cut silent <<<"$(python3 "$work/ask.py" "${server#* }")"
  echo "${server% *} asked $asked times in 3 s: whole answers $whole, truncated $cut, no answer $silent"
  if [[ $server == NSD* ]]; then [[ $cut -gt 100 && $silent -gt 100 ]]; else [[ $whole == "$asked" ]]; fi
done
