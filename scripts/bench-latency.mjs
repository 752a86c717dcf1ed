// How far the reported TCP latency is from a packet capture's SYN to SYN/ACK on the same connections: at concurrency 1,
// and with 256 probes in flight. Loopback only; needs tshark's dumpcap, as root.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const HOSTS = 400;
const GOALS = [
  { concurrency: 1, bound: (ms) => 0.3 + 0.05 * ms, words: "0.3 ms + 5 %" },
  { concurrency: 257, bound: (ms) => 1 + 0.1 * ms, words: "1 ms + 10 %" },
];

// A listener in a process of its own: ours must not wait for it. It answers a bind with a bind_ack and knows no more.
const LISTENER = `
const ack = Buffer.from("05000c03100000003c00000001000000d016d0160110000005003136383800000100000000000000045d888aeb1cc9119fe808002b10486002000000", "hex");
require("node:net").createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (bytes) => { const out = Buffer.from(ack); bytes.copy(out, 12, 12, 16); out[2] = bytes[2] + 1; socket.write(out); });
}).listen({ port: 0, host: "0.0.0.0", backlog: 4096 }, function () { console.log(this.address().port); });`;

const listener = spawn(process.execPath, ["-e", LISTENER], { stdio: ["ignore", "pipe", "inherit"] });
const port = Number(String((await once(listener.stdout, "data"))[0]).trim());
const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-latency-"));
const list = path.join(dir, "hosts");
const address = (index) => `127.77.${Math.floor(index / 250)}.${(index % 250) + 1}`;
writeFileSync(list, Array.from({ length: HOSTS }, (_, index) => `${address(index)}:${port}\n`).join(""));

let missed = false;
for (const { concurrency, bound, words } of GOALS) {
  const pcap = path.join(dir, `${concurrency}.pcap`);
  const capture = spawn("dumpcap", ["-q", "-i", "lo", "-B", "64", "-f", `tcp port ${port}`, "-w", pcap], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await once(capture.stderr, "data");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { stdout } = spawnSync(
    process.execPath,
    [
      "dist/kmsprobe.cjs",
      "check",
      "-f",
      list,
      "--concurrency",
      String(concurrency),
      "--count",
      "0",
      "--format",
      "json",
      "-q",
    ],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  capture.kill("SIGINT");
  await once(capture, "exit");
  const truth = handshakes(pcap);
  const errors = JSON.parse(stdout).diagnoses[0].endpoints.map(({ attempts: [{ address: to, tcp }] }) => {
    const ms = truth.get(to);
    return { ms, error: Math.abs(tcp.elapsedMs - ms), bound: bound(ms) };
  });
  const sorted = errors.map(({ error }) => error).toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(3);
  const within = errors.filter((each) => each.error <= each.bound).length;
  if (within < errors.length * 0.95) missed = true;
  console.log(
    `${String(concurrency).padStart(3)} in flight: reported minus captured, ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}; ` +
      `${within} of ${errors.length} within ${words}`,
  );
}
listener.kill();
rmSync(dir, { recursive: true, force: true });
process.exitCode = missed ? 1 : 0;

/** Milliseconds from SYN to SYN/ACK of the first connection to each address. */
function handshakes(pcap) {
  const fields = ["frame.time_epoch", "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport", "tcp.flags"];
  const { stdout } = spawnSync(
    "tshark",
    ["-r", pcap, "-Y", "tcp.flags.syn == 1", "-T", "fields", ...fields.flatMap((field) => ["-e", field])],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const syns = new Map();
  const times = new Map();
  for (const line of stdout.trim().split("\n")) {
    const [time, source, destination, from, to, flags] = line.split("\t");
    // Microseconds as an integer: seconds since 1970 leave a double too few digits.
    const us = Number(time.slice(-16).replace(".", "").slice(0, -3));
    if ((Number(flags) & 0x10) === 0) {
      if (!syns.has(`${destination} ${from}`)) syns.set(`${destination} ${from}`, us);
    } else if (!times.has(source)) {
      const started = syns.get(`${source} ${to}`);
      if (started !== undefined) times.set(source, (us - started) / 1000);
    }
  }
  return times;
}
