#!/usr/bin/env bash
# blackbox_exporter: told that the scrape ends in 0.6 s it answers after 0.1 s; told 0.4 s, it takes its module's whole timeout.
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
  want prometheus-blackbox-exporter 0.23.0-4+b4
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/modules.yml" <<'EOF'
modules:
  banner:
    prober: tcp
    timeout: 4s
    tcp:
      query_response:
        - expect: "^220"
EOF
prometheus-blackbox-exporter --config.file="$work/modules.yml" --web.listen-address=127.0.0.1:9115 >"$work/log" 2>&1 &
# The target takes connections, and says nothing.
python3 - <<'PYTHON' &
import socket
with socket.create_server(("127.0.0.2", 1688)) as server:
    held = []
    while True:
        held.append(server.accept())
PYTHON
for port in 9115 1688; do
  for _ in {1..50}; do
    if [[ -n $(ss -Hltn "sport = :$port") ]]; then break; fi
    sleep 0.1
  done
done

cat >"$work/scrape.py" <<'PYTHON'
import sys, time, urllib.request
url = "http://127.0.0.1:9115/probe?module=banner&target=127.0.0.2:1688"
for told in sys.argv[1:]:
    start = time.monotonic()
    request = urllib.request.Request(url, headers={"X-Prometheus-Scrape-Timeout-Seconds": told})
    with urllib.request.urlopen(request) as answer:
        success = "probe_success 0" in answer.read().decode()
    print("success 0" if success else "success 1", round(time.monotonic() - start, 1))
PYTHON
seen=$(python3 "$work/scrape.py" 1 0.6 0.4)
echo "a silent target; X-Prometheus-Scrape-Timeout-Seconds is 1, then 0.6, then 0.4 (and it answers after so many seconds):"
echo "$seen"
{ read -r _ _ one && read -r _ _ some && read -r _ _ short; } <<<"$seen"
[[ ${one%.*} == 0 && ${some%.*} == 0 && ${short%.*} -ge 4 && $(grep -c '^success 0 ' <<<"$seen") == 3 ]]
