#!/usr/bin/env bash
# bcryptjs: its asynchronous compare() lets go of the event loop once in 100 ms, so whatever is shorter blocks just as compareSync() does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts bcryptjs@3.0.3

cat >"$work/try.cjs" <<'EOF'
const { compare, hash } = require("bcryptjs");
// The longest time for which nothing else could run while a password was compared, and the whole time.
async function held(cost) {
  const hashed = await hash("password", cost);
  let longest = 0;
  let comparing = true;
  const start = performance.now();
  let last = start;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (comparing) setImmediate(turn);
  };
  setImmediate(turn);
  await compare("password", hashed);
  comparing = false;
  const whole = performance.now() - start;
  await new Promise((done) => setImmediate(done));
  return { whole: Math.round(whole), longest: Math.round(longest), share: longest / whole };
}
(async () => {
  await held(8);
  const short = await held(8);
  const long = await held(12);
  console.log(`cost 8: ${short.whole} ms, ${short.longest} of them in one piece; cost 12: ${long.whole} ms, ${long.longest} in one piece`);
  process.exitCode = short.share > 0.8 && long.longest >= 100 && long.share < 0.8 ? 0 : 1;
})();
EOF
echo "bcryptjs 3.0.3, await compare():"
cd "$work"
node try.cjs
