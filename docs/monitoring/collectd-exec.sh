#!/bin/sh
# For collectd's exec plugin: reads /metrics of `kmsprobe serve` at each interval, and hands on what collectd can keep.
# Install it as /usr/local/lib/kmsprobe/collectd-exec.sh, executable, and add to collectd.conf:
#   LoadPlugin exec
#   <Plugin exec>
#     Exec "nobody" "/usr/local/lib/kmsprobe/collectd-exec.sh" "http://127.0.0.1:9688/metrics"
#   </Plugin>
# Names longer than collectd takes (it drops them in silence) are cut; nothing is written to stderr.
set -u
url=${1:-http://127.0.0.1:9688/metrics}
host=${COLLECTD_HOSTNAME:-localhost}
interval=${COLLECTD_INTERVAL:-60}
seconds=${interval%.*}
[ "$seconds" -ge 1 ] 2> /dev/null || seconds=60

while :; do
  curl -sf --max-time 10 "$url" 2> /dev/null | awk -v host="$host" -v interval="$interval" '
    function label(name) {
      return match($0, "[{,]" name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
    }
    function put(type, text) {
      gsub(/[^A-Za-z0-9_.:-]/, "_", text)
      printf "PUTVAL \"%s/kmsprobe/%s-%s\" interval=%s N:%s\n", host, type, substr(text, 1, 60), interval, $NF
    }
    function where(    source) {
      source = label("source")
      return label("host") ":" label("port") "_" label("address") (source == "" ? "" : "_" source)
    }
    /^kms_probe_success[{]/ { put("gauge", "served_" label("target") "_" label("module")) }
    /^kms_host_serves[{]/ { put("gauge", "serves_" where()) }
    /^kms_host_rpc_seconds[{]/ { put("response_time", "rpc_" where()) }'
  sleep "$seconds"
done
