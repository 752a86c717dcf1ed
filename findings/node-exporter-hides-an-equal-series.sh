#!/usr/bin/env bash
# node_exporter: two textfiles with one series: the first file's value stays, and its error metric says 0.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # One static program: unpacked here, so that no service is installed.
  (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root prometheus-node-exporter=1.5.0-1+b6 && dpkg -x ./*.deb .)
  printf '%s\n' "prometheus-node-exporter 1.5.0-1+b6"
  command -v curl >/dev/null
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

mkdir "$work/textfiles"
for pair in a:1 b:2; do
  printf '# HELP kms_ok h\n# TYPE kms_ok gauge\nkms_ok{host="kms1"} %s\n' "${pair#*:}" >"$work/textfiles/${pair%:*}.prom"
done
"$work/usr/bin/prometheus-node-exporter" --web.listen-address=127.0.0.1:9100 --collector.disable-defaults \
  --collector.textfile --collector.textfile.directory="$work/textfiles" >"$work/log" 2>&1 &
for _ in {1..50}; do
  if curl -fsS http://127.0.0.1:9100/ >/dev/null 2>&1; then break; fi
  sleep 0.1
done
seen=$(curl -sS -w 'HTTP %{http_code}\n' http://127.0.0.1:9100/metrics | grep -E '^(kms_ok|node_textfile_scrape_error|HTTP)')
echo "a.prom says 1, b.prom says 2 of kms_ok{host=\"kms1\"}. What is scraped:"
echo "$seen"
[[ $seen == $'kms_ok{host="kms1"} 1\nnode_textfile_scrape_error 0\nHTTP 200' ]]
