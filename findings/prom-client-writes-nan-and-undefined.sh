#!/usr/bin/env bash
# prom-client: NaN comes out as "Nan", and a label that is undefined as the text "undefined".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3

cat >"$work/try.cjs" <<'EOF'
const { Gauge, Registry } = require("prom-client");
const registry = new Registry();
const gauge = new Gauge({ name: "answer_seconds", help: "h", labelNames: ["host"], registers: [registry] });
gauge.set({ host: "silent" }, NaN);
gauge.set({ host: undefined }, 1);
registry.metrics().then((text) => process.stdout.write(text));
EOF
seen=$(cd "$work" && node try.cjs)
echo "prom-client 15.1.3, node $(node --version)"
echo "The text format says NaN. Prometheus reads any case; a reader that knows the format's own word does not:"
echo "$seen"
grep -qx 'answer_seconds{host="silent"} Nan' <<<"$seen"
grep -qx 'answer_seconds{host="undefined"} 1' <<<"$seen"
