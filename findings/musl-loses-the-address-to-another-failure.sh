#!/usr/bin/env bash
# musl: where the question for an IPv6 address fails (SERVFAIL), a name with an IPv4 address is "Try again" after 5 s; glibc has it at once.
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
  # A C library and a compiler: unpacked here, so that nothing is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  want bind9-dnsutils 1:9.18.49-1~deb12u3
  want dnsmasq-base 2.90-4~deb12u2
  want pdns-recursor 4.8.8-1+deb12u1
  fetch musl-dev=1.2.3-1
  fetch tcc=0.9.27+git20200814.62c30a4a-1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# A dnsmasq that has the name with an IPv4 address alone, and a recursor in front of it.
dnsmasq -C /dev/null --keep-in-foreground --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
  --listen-address=127.0.0.2 --local=/corp.test/ --host-record=kms1.corp.test,10.0.0.5 2>/dev/null &

mkdir "$work/recursor"
cat >"$work/recursor/recursor.conf" <<EOF
local-address=127.0.0.1
forward-zones=corp.test=127.0.0.2
socket-dir=$work/recursor
daemon=no
dnssec=off
security-poll-suffix=
EOF
pdns_recursor --config-dir="$work/recursor" >"$work/recursor.log" 2>&1 &
for address in 127.0.0.2 127.0.0.1; do
  for _ in {1..100}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done

printf 'nameserver 127.0.0.1\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
cat >"$work/try.c" <<'EOF'
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
int main(int count, char **arguments) {
  struct addrinfo hints, *found;
  char address[64];
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  if (count > 2) hints.ai_family = AF_INET;
  int error = getaddrinfo(arguments[1], "1688", &hints, &found);
  if (error) {
    puts(gai_strerror(error));
    return 0;
  }
  getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, 0, 0, NI_NUMERICHOST);
  puts(address);
  return 0;
}
EOF
libraries=$work/usr/lib/x86_64-linux-musl
"$work/usr/bin/tcc" -B "$work/usr/lib/x86_64-linux-gnu/tcc" -nostdinc -nostdlib -I "$work/usr/include/x86_64-linux-musl" -static \
  -o "$work/try" "$libraries/crt1.o" "$work/try.c" "$libraries/libc.a" "$work/usr/lib/x86_64-linux-gnu/tcc/libtcc1.a"
for type in A AAAA; do
  echo "the name server of kms1.corp.test $type: $(dig +time=5 +tries=1 kms1.corp.test "$type" | grep -o 'status: [A-Z]*')"
done
start=$SECONDS
by_musl=$("$work/try" kms1.corp.test)
took=$((SECONDS - start))
by_musl_ipv4=$("$work/try" kms1.corp.test ipv4)
start=$SECONDS
by_glibc=$(getent ahosts kms1.corp.test | awk '{ print $1; exit }')
took_glibc=$((SECONDS - start))
echo "getaddrinfo: musl $by_musl, after $took s (asked for IPv4 alone: $by_musl_ipv4); glibc $by_glibc, after $took_glibc s"
[[ $by_musl == 'Try again' && $took -ge 4 && $by_musl_ipv4 == 10.0.0.5 && $by_glibc == 10.0.0.5 && $took_glibc -lt 3 ]]
