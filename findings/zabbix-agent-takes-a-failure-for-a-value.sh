#!/usr/bin/env bash
# Zabbix agent: of a UserParameter the exit code is not looked at, and standard error is part of the value: exit 3 with a message is a value.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  gone() {
    printf '%s cannot be had from the package registry: it is gone, or there is no way to it\n' "$1" >&2
    exit 2
  }
  # One program: unpacked here, so that no service is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  fetch zabbix-agent=1:6.0.14+dfsg-1+b1
  fetch libmodbus5=3.1.6-2.1+deb12u1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

cat >"$work/agent.conf" <<EOF
Server=127.0.0.1
Hostname=kms
LogFile=$work/log
UserParameter=plain,echo 5
UserParameter=failed,echo 5; exit 3
UserParameter=warned,echo 5; echo "slow answer" >&2
UserParameter=broken,echo "cannot resolve" >&2; exit 3
EOF
seen=
for key in plain failed warned broken; do
  said=$(LD_LIBRARY_PATH=$(echo "$work"/usr/lib/*-linux-gnu) "$work/usr/sbin/zabbix_agentd" -c "$work/agent.conf" -t "$key" | tr '\n' '/')
  said=${said##*[[]}
  seen+="$key: ${said%%]*}"$'\n'
done
echo "t is a text, / the end of a line, m would be an error. 'failed' is 5 and exit 3; 'warned' 5 and a word on standard error; 'broken' that alone, and exit 3:"
printf '%s' "$seen"
[[ $seen == $'plain: t|5\nfailed: t|5\nwarned: t|5/slow answer\nbroken: t|cannot resolve\n' ]]
