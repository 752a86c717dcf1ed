#!/usr/bin/env bash
# blackbox_exporter: with ip_protocol_fallback a name with both kinds of address is probed at its IPv6 address alone: that refused, it is down.
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
  want prometheus-blackbox-exporter 0.23.0-4+b4
  command -v curl >/dev/null
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf '127.0.0.1 kms\n::1 kms\n127.0.0.1 four\n' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts
cat >"$work/host.py" <<'PYTHON'
import socket
server = socket.create_server(("127.0.0.1", 1688))
while True:
    server.accept()[0].close()
PYTHON
python3 "$work/host.py" &
cat >"$work/blackbox.yml" <<'EOF'
modules:
  kms: { prober: tcp, timeout: 3s, tcp: { ip_protocol_fallback: true } }
EOF
prometheus-blackbox-exporter --config.file="$work/blackbox.yml" --web.listen-address=127.0.0.1:9115 >"$work/log" 2>&1 &
for port in 1688 9115; do
  for _ in {1..100}; do
    if [[ -n $(ss -Hlnt "sport = :$port") ]]; then break; fi
    sleep 0.1
  done
done
probe() { curl -s "127.0.0.1:9115/probe?module=kms&target=$1:1688" | sed -n 's/^probe_\(success\|ip_protocol\) /\1 /p' | xargs; }
four=$(probe four)
both=$(probe kms)
by_python=$(python3 -c 'import socket; print(socket.create_connection(("kms", 1688)).getpeername()[0])')
echo "127.0.0.1:1688 serves, [::1]:1688 refuses. A name with 127.0.0.1: $four; with both: $both; Python connects to $by_python"
[[ $four == 'ip_protocol 4 success 1' && $both == 'ip_protocol 6 success 0' && $by_python == 127.0.0.1 ]]
