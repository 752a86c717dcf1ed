#!/usr/bin/env bash
# Prometheus: an http_sd list that takes 3 s is never taken at a refresh_interval of 2 s: the interval is the request's time limit, too.
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
  want prometheus 2.42.0+ds-5+deb12u1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/lists.py" <<'PYTHON'
import http.server, json, time
class List(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(3)
        body = json.dumps([{"targets": ["127.0.0.9:9"]}]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), List).serve_forever()
PYTHON
python3 "$work/lists.py" 2>"$work/lists.log" &
cat >"$work/prometheus.yml" <<'EOF'
scrape_configs:
  - job_name: every-5s
    http_sd_configs:
      - { url: "http://127.0.0.1:8000/", refresh_interval: 5s }
  - job_name: every-2s
    http_sd_configs:
      - { url: "http://127.0.0.1:8000/", refresh_interval: 2s }
EOF
# A check of the file says nothing of that.
promtool check config "$work/prometheus.yml" | grep -o 'SUCCESS'
for _ in {1..50}; do
  if [[ -n $(ss -Hltn 'sport = :8000') ]]; then break; fi
  sleep 0.1
done
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --web.listen-address=127.0.0.1:9090 \
  >"$work/log" 2>&1 &
sleep 20

cat >"$work/targets.py" <<'PYTHON'
import json, urllib.request
with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/targets?state=active") as answer:
    print(*sorted(target["scrapePool"] for target in json.load(answer)["data"]["activeTargets"]))
PYTHON
seen=$(python3 "$work/targets.py")
failed=$(grep -c 'config=every-2s.*Client.Timeout exceeded' "$work/log" || true)
echo "one list, answered after 3 s, for two jobs. Which have its target after 20 s: $seen. Timeouts of every-2s: $failed"
[[ $seen == every-5s && $failed -ge 3 ]]
