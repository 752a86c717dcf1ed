#!/usr/bin/env bash
# npm: a script that npm runs gets npm's own Node as NODE in its environment, whatever the caller had set there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work/own" --silent --no-audit --no-fund --ignore-scripts npm@11.19.1
npm=$work/own/node_modules/npm/bin/npm-cli.js

cat >"$work/package.json" <<'EOF'
{ "name": "try", "version": "1.0.0", "scripts": { "show": "echo $NODE,$OTHER" } }
EOF
seen=$(cd "$work" && NODE=/opt/another/node OTHER=/opt/another/node node "$npm" run --silent show)
echo "npm $(node "$npm" --version), node $(node --version)"
echo "NODE=/opt/another/node OTHER=/opt/another/node npm run show: the script sees OTHER as it was set, and NODE replaced:"
echo "$seen"
own=$(node -p process.execPath)
[[ $seen == "$own,/opt/another/node" ]]
