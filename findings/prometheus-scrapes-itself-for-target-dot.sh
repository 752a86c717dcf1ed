#!/usr/bin/env bash
# Prometheus: an SRV record with the target ".", which says that the service is not offered, is a target: the Prometheus machine itself.
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
  want bind9 1:9.18.49-1~deb12u3
  want prometheus 2.42.0+ds-5+deb12u1
  command -v curl >/dev/null
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/zone" <<'EOF'
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_metrics._tcp SRV 0 0 1688 .
EOF
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
echo 'nameserver 127.0.0.1' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
# Something of this machine that has nothing to do with the record.
mkdir "$work/site"
echo 'up_to_date 1' >"$work/site/metrics"
python3 -m http.server --bind 127.0.0.1 --directory "$work/site" 1688 >/dev/null 2>&1 &
cat >"$work/prometheus.yml" <<'EOF'
global: { scrape_interval: 1s }
scrape_configs: [{ job_name: none, dns_sd_configs: [{ names: [_metrics._tcp.corp.test], refresh_interval: 1s }] }]
EOF
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --web.listen-address=127.0.0.1:9090 \
  >"$work/prometheus.log" 2>&1 &
for _ in {1..100}; do
  seen=$(curl -s '127.0.0.1:9090/api/v1/targets?state=active' || true)
  if [[ $seen == *'"health":"up"'* ]]; then break; fi
  sleep 0.2
done
echo "The zone: $(tail -1 "$work/zone"). Its target in Prometheus:"
seen=$(grep -oE '"(scrapeUrl|health|lastError)":"[^"]*"' <<<"$seen")
echo "$seen"
[[ $seen == *'"scrapeUrl":"http://:1688/metrics"'* && $seen == *'"health":"up"'* ]]
