#!/usr/bin/env bash
# systemd-resolved: at 127.0.0.54 a long answer is cut in the middle of a record, with all of them counted; without EDNS it is SERVFAIL.
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
  # Its package would take over /etc/resolv.conf: the program alone is unpacked.
  (
    cd "$work"
    apt-get -qq download systemd-resolved=252.39-1~deb12u2 2>/dev/null
    dpkg-deb --fsys-tarfile systemd-resolved_*.deb | tar -x ./lib/systemd/systemd-resolved
  )
  echo 'systemd-resolved 252.39-1~deb12u2'
  # Its own network, files and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
chmod 755 "$work"
ip link set lo up
# A cable, as of a machine that has a network; both ends are here.
ip link add cable type veth peer name far
ip address add 10.53.0.1/24 dev cable
ip link set cable up
ip link set far up

{
  cat <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 10.53.0.1
EOF
  for n in {1..20}; do printf '_vlmcs._tcp SRV 0 0 1688 kms%d\n' "$n"; done
} >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 10.53.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &

mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/resolve
mkdir "$work/etc"
printf '[Resolve]\nDNS=10.53.0.1\nDomains=corp.test\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\n' >"$work/etc/resolved.conf"
mount --bind "$work/etc" /etc/systemd
{
  grep -v '^systemd-resolve:' /etc/passwd
  echo 'systemd-resolve:x:0:0::/:/bin/false'
} >"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
"$work/lib/systemd/systemd-resolved" >"$work/resolved.log" 2>&1 &
for address in 10.53.0.1 127.0.0.53; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done

cat >"$work/ask.py" <<'PYTHON'
import socket, struct
name = b"".join(bytes([len(label)]) + label for label in (b"_vlmcs", b"_tcp", b"corp", b"test")) + b"\0"
def ask(address, size):
    query = struct.pack(">6H", 1, 0x100, 1, 0, 0, 1 if size else 0) + name + struct.pack(">HH", 33, 1)
    if size:
        query += b"\0" + struct.pack(">HHIH", 41, size, 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(query, (address, 53))
        said = client.recv(4096)
    flags, _, count = struct.unpack_from(">3H", said, 2)
    # Every owner is a pointer to the question: 2 bytes, and 10 of type, class, TTL and length.
    at, whole = 12 + len(name) + 4, 0
    while whole < count and at + 12 <= len(said):
        at += 12 + struct.unpack_from(">H", said, at + 10)[0]
        if at > len(said):
            break
        whole += 1
    cut = ", truncated" if flags & 0x200 else ""
    code = "SERVFAIL" if flags & 15 == 2 else "NOERROR"
    return f"{code}{cut}, {count} records counted, {whole} whole"
ask("127.0.0.53", 1232)
for address in ("127.0.0.53", "127.0.0.54"):
    for size in (512, 0):
        print(f"{address}, {'EDNS %d' % size if size else 'no EDNS'}: {ask(address, size)}")
PYTHON
seen=$(python3 "$work/ask.py")
echo "20 SRV records, asked for over UDP:"
echo "$seen"
stub=$(grep '53,' <<<"$seen")
[[ $(grep -c 'truncated, 1[0-9] records counted' <<<"$stub") == 2 && $(grep -c '1\([0-9]\) records counted, 1\1 whole' <<<"$stub") == 2 ]]
[[ $seen == *'54, EDNS 512: NOERROR, truncated, 20 records counted, 1'[0-9]' whole'* ]]
[[ $seen == *'54, no EDNS: SERVFAIL, 0 records counted'* ]]
