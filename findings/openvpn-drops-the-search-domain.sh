#!/usr/bin/env bash
# OpenVPN on Debian: its update-resolv-conf drops DOMAIN-SEARCH and DNS6; without resolvconf, only suggested, it does nothing and says 0.
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
  fetch openvpn=2.6.14-0+deb12u2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# The environment of an `up` script, as its head has it: what a server has pushed.
up() {
  env script_type=up dev=tun0 foreign_option_1='dhcp-option DNS 10.0.0.53' foreign_option_2='dhcp-option DNS6 fd00::53' \
    foreign_option_3='dhcp-option DOMAIN corp.test' foreign_option_4='dhcp-option DOMAIN-SEARCH kms.corp.test' \
    bash "$work/etc/openvpn/update-resolv-conf"
}
if [[ -e /sbin/resolvconf ]]; then mount --bind /dev/null "$(realpath /sbin/resolvconf)"; fi
before=$(cat /etc/resolv.conf)
up >"$work/without" 2>/dev/null && without=$?
same=no
if [[ $(cat /etc/resolv.conf) == "$before" ]]; then same=yes; fi
# A stand-in that keeps what it is given.
mkdir "$work/sbin"
printf '#!/bin/sh\ncat >"%s/given"\n' "$work" >"$work/sbin/resolvconf"
chmod +x "$work/sbin/resolvconf"
mount -t overlay overlay -o "lowerdir=$work/sbin:$(realpath /sbin)" "$(realpath /sbin)"
up >/dev/null
echo "Pushed: DNS 10.0.0.53, DNS6 fd00::53, DOMAIN corp.test, DOMAIN-SEARCH kms.corp.test."
echo "Without resolvconf: exit code $without, $(wc -c <"$work/without") bytes of output, resolv.conf as before: $same. With it, what it is told:"
cat "$work/given"
[[ $without == 0 && $same == yes && $(cat "$work/given") == $'search corp.test\nnameserver 10.0.0.53' ]]
