// Runs the program once, against the demo lab, and keeps what V8 compiled on the way: what a short run needs.
// node scripts/make-cache.cjs FOLDER
"use strict";
const { writeFileSync } = require("node:fs");
const path = require("node:path");

const folder = path.resolve(process.argv[2] ?? "dist");
const { cacheName, compile, start } = require(path.join(folder, "start.cjs"));
const { startLab } = require(path.join(folder, "lab.cjs"));

// Nobody reads this run, and a build that may not use loopback gets no cache, which is no harm.
process.stdout.write = () => true;
process.stderr.write = () => true;

startLab().then(
  async (lab) => {
    const [serving] = lab.hosts;
    const script = compile(folder);
    process.argv = [process.argv[0], "kmsprobe", "check", `127.0.0.1:${serving.port}`];
    start(folder, script);
    // The program has no end that we could wait for: an exit code is the last thing it sets.
    for (let waited = 0; process.exitCode === undefined && waited < 10_000; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    writeFileSync(path.join(folder, cacheName()), script.createCachedData());
    await lab.stop();
    process.exit(0);
  },
  () => process.exit(1),
);
