#!/usr/bin/env bash
# dns-packet: a question for HTTPS, SVCB or URI, which it has no name for, goes out as type 0, without an error; UNKNOWN_65 works.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts dns-packet@5.6.1

cat >"$work/try.cjs" <<'EOF'
const packet = require("dns-packet");
const asked = (type) => {
  const message = packet.encode({ type: "query", id: 1, questions: [{ type, name: "corp.test" }] });
  return `${type} is type ${message.readUInt16BE(message.length - 4)}`;
};
console.log(["SRV", "HTTPS", "SVCB", "URI", "TYPE65", "UNKNOWN_65"].map(asked).join(", "));
EOF
seen=$(cd "$work" && node try.cjs)
echo "dns-packet 5.6.1, what stands in the question: $seen"
[[ $seen == 'SRV is type 33, HTTPS is type 0, SVCB is type 0, URI is type 0, TYPE65 is type 0, UNKNOWN_65 is type 65' ]]
