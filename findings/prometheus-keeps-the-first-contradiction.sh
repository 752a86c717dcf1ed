#!/usr/bin/env bash
# Prometheus: of one series twice in a scrape the first value is kept; up is 1, and neither log nor promtool tells.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # One static program: unpacked here, so that no service is installed.
  (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root prometheus=2.42.0+ds-5+deb12u1 && dpkg -x ./*.deb .)
  printf '%s\n' "prometheus 2.42.0+ds-5+deb12u1"
  command -v curl >/dev/null && command -v python3 >/dev/null
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

mkdir "$work/site"
printf '# HELP kms_ok Whether it serves.\n# TYPE kms_ok gauge\nkms_ok{host="kms1"} 1\nkms_ok{host="kms1"} 0\n' >"$work/site/metrics"
cat >"$work/prometheus.yml" <<'EOF'
global: { scrape_interval: 1s }
scrape_configs: [{ job_name: kms, static_configs: [{ targets: ["127.0.0.1:8000"] }] }]
EOF
python3 -m http.server --bind 127.0.0.1 --directory "$work/site" 8000 >/dev/null 2>&1 &
"$work/usr/bin/promtool" check metrics <"$work/site/metrics"
"$work/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
  --web.listen-address=127.0.0.1:9090 >"$work/log" 2>&1 &
value() {
  curl -sS --get --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query 2>/dev/null |
    sed -n 's/.*"value":\[[^,]*,"\([^"]*\)"\].*/\1/p'
}
for _ in {1..100}; do
  if [[ -n $(value kms_ok) ]]; then break; fi
  sleep 0.2
done
complaints=$(grep -c 'level=\(warn\|error\)' "$work/log" || true)
echo "The target says kms_ok 1, then kms_ok 0, in one answer. promtool ends with 0. Prometheus has:"
echo "kms_ok $(value kms_ok), up $(value up), lines of warning or error in its log: $complaints"
[[ $(value kms_ok) == 1 && $(value up) == 1 && $complaints == 0 ]]
