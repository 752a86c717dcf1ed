// Runs the programs once, against the demo lab, and keeps what V8 compiled on the way: what a short run needs.
// node scripts/make-cache.cjs FOLDER
"use strict";
const { rmSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const folder = path.resolve(process.argv[2] ?? "dist");
const { cacheName, compile, runExported, start } = require(path.join(folder, "start.cjs"));
const requireThere = createRequire(path.join(folder, "program.cjs"));
const { startLab } = require(path.join(folder, "lab.cjs"));

// Nobody reads this run, and a build that may not use loopback gets no cache, which is no harm.
process.stdout.write = () => true;
process.stderr.write = () => true;

startLab().then(
  async (lab) => {
    const [serving] = lab.hosts;
    const script = compile(folder, "program", {});
    process.argv = [process.argv[0], "kmsprobe", "check", `127.0.0.1:${serving.port}`];
    runExported(start(folder, script, "program", requireThere));
    // The program has no end that we could wait for: an exit code is the last thing it sets.
    for (let waited = 0; process.exitCode === undefined && waited < 10_000; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    writeFileSync(path.join(folder, cacheName("program")), script.createCachedData());
    await keepVerify(`127.0.0.1:${serving.port}`);
    await lab.stop();
    process.exit(0);
  },
  () => process.exit(1),
);

/** A policy of one host, held against it. */
async function keepVerify(host) {
  const script = compile(folder, "verify-program", {});
  const { runVerify } = start(folder, script, "verify-program", requireThere);
  const policy = path.join(folder, "policy.yaml");
  writeFileSync(
    policy,
    `version: 1\nvariables: { host: "${host}" }\nexpect:\n  - serve: { hosts: "\${host}" }\n  - latency: { hosts: "\${host}", p95: 5s }\n  - closed: { hosts: 127.0.0.1:1 }\n  - permitted: { hosts: "\${host}", allow: 127.0.0.0/8 }\n`,
  );
  const flags = { format: "text", color: "never", quiet: true, verbose: false, dryRun: false, init: false };
  await runVerify(
    [policy],
    { ...flags, output: path.join(folder, "policy.txt") },
    new AbortController().signal,
  );
  rmSync(policy);
  rmSync(path.join(folder, "policy.txt"));
  writeFileSync(path.join(folder, cacheName("verify-program")), script.createCachedData());
}
