// Memory of a long watch: `kmsprobe watch` on 20 loopback hosts at 100 ms, for MINUTES (default 2). Prints resident memory
// after one minute and at the end, and their ratio; exits 1 above GOAL. VIEW=live draws the live view, in a terminal that
// util-linux's `script` lends. Most hosts serve, some refuse, one comes and goes.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";

const MINUTES = Number(process.env.MINUTES ?? 2);
const LIVE = process.env.VIEW === "live";
const CLI = process.env.CLI ?? "dist/kmsprobe.cjs";
const GOAL = 1.1;
const HOSTS = 20;
const REFUSING = 3;
const FLAP_MS = 5_000;

const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-bench-"));

/** The lab's own KMS look-alike, without the lab. */
async function loadResponder() {
  const outfile = path.join(dir, "responder.mjs");
  const contents = `export { createResponder } from "./src/demo/responder.ts";
export { KMS_INTERFACE } from "./src/protocol/dcerpc/syntax.ts";`;
  const stdin = { contents, resolveDir: ".", loader: "ts" };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "esm" });
  return await import(pathToFileURL(outfile).href);
}

const { createResponder, KMS_INTERFACE } = await loadResponder();
const manner = { serves: KMS_INTERFACE, prefersNdr64: true, closesOnSeveral: false };

async function listen(server, port = 0) {
  // The watch cuts off what is in flight when its time is over.
  server.on("connection", (socket) => socket.on("error", () => {}));
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return server.address().port;
}

const servers = [];
const ports = [];
for (let index = 0; index < HOSTS; index++) {
  const server = index < REFUSING ? net.createServer() : createResponder(manner);
  ports.push(await listen(server));
  if (index < REFUSING) server.close();
  else servers.push(server);
}
const flapping = servers.pop();
const flappingPort = ports.at(-1);
const flapper = setInterval(() => {
  if (flapping.listening) flapping.close();
  else flapping.listen(flappingPort, "127.0.0.1");
}, FLAP_MS);

const hosts = ports.map((port) => `127.0.0.1:${port}`);
const log = path.join(dir, "watch.ndjson");
const args = [CLI, "watch", ...hosts, "--interval", "100ms", "--for", `${MINUTES}m`, "--log", log];
const { CI: _, ...env } = process.env;
const child = LIVE
  ? spawn(
      "script",
      ["-qfec", `stty cols 120 rows 40; ${[process.execPath, ...args].join(" ")}`, "/dev/null"],
      {
        env: { ...env, TERM: "xterm-256color" },
        stdio: ["pipe", "ignore", "inherit"],
      },
    )
  : spawn(process.execPath, [...args, "--plain"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = new Promise((resolve) => child.on("exit", resolve));
let printed = "";
child.stdout?.on("data", (chunk) => (printed = (printed + chunk).slice(-8_000)));

/** `script` runs a shell that runs the program; the leaf is ours. */
function leafOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return children[0] === "" ? pid : leafOf(children[0]);
}

function look(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kB = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  return { rssMB: kB("VmRSS") / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

await sleep(2_000);
const pid = leafOf(child.pid);
const show = (when, { rssMB, descriptors }) =>
  console.log(`${when.padEnd(12)} ${rssMB.toFixed(1).padStart(7)} MB  ${descriptors} descriptors`);
let first = null;
let last = null;
const started = performance.now() - 2_000;
let finished = false;
void ended.then(() => (finished = true));
for (let half = 1; half < 2 * MINUTES; half++) {
  await sleep(Math.max(0, half * 30_000 - (performance.now() - started)));
  if (finished) break;
  last = look(pid);
  if (half === 2) first = last;
  show(`${(half / 2).toFixed(1)} min`, last);
}
// The last look, shortly before the end.
await sleep(Math.max(0, MINUTES * 60_000 - 1_500 - (performance.now() - started)));
if (!finished) {
  last = look(pid);
  show("end", last);
}
const code = await ended;
clearInterval(flapper);
for (const server of [...servers, flapping]) server.close();
const rounds = /^{"type":"end".*?"rounds":(\d+)/m.exec(readFileSync(log, "utf8"))?.[1];
rmSync(dir, { recursive: true });
const ratio = first === null || last === null ? Number.NaN : last.rssMB / first.rssMB;
console.log(
  `${rounds} rounds of ${HOSTS} hosts in ${MINUTES} min, ${LIVE ? "live" : "plain"}, exit code ${code}; end against one minute: ${ratio.toFixed(3)} × (goal ≤ ${GOAL})`,
);
console.log(`Node ${process.version}, ${process.platform} ${process.arch}`);
process.exitCode = ratio <= GOAL ? 0 : 1;
