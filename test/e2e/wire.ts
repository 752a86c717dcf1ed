import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SYSTEM_PYTHON } from "../integration/servers/available.ts";
import { makeServerDir, startProcess } from "../integration/servers/process.ts";
import { type End, interfaceTo, setUp } from "./topology.ts";

const SCRIPT = fileURLToPath(new URL("./wire.py", import.meta.url));

export type WireSettings = {
  delayMs: number;
  /** The delay is drawn from `delayMs` ± this, anew for each packet. Packets do not overtake each other. */
  jitterMs: number;
  lossPercent: number;
  /** Larger packets vanish, and no ICMP message says so; 0 for no limit. */
  maxBytes: number;
  seed: number;
};

export type Wire = {
  /** What is not named goes back to the default: 1 ms, no loss, no limit. */
  set: (settings: Partial<WireSettings>) => Promise<void>;
  stop: () => Promise<void>;
};

/** An unchanging millisecond: within connect() a bare veth answers, which no real network does. */
const DEFAULTS: WireSettings = { delayMs: 1, jitterMs: 0, lossPercent: 0, maxBytes: 0, seed: 1 };

/** Joins two hosts by a cable in user space, which can delay and lose: the kernel may have no netem. */
export async function startWire(a: End, b: End): Promise<Wire> {
  const dir = await makeServerDir("wire");
  const file = join(dir, "settings.json");
  const write = (settings: Partial<WireSettings>): void =>
    writeFileSync(file, JSON.stringify({ ...DEFAULTS, ...settings }));
  write({});
  const [atA, atB] = [interfaceTo(b.host), interfaceTo(a.host)];
  const { output, pid, stop } = await startProcess({
    command: SYSTEM_PYTHON,
    args: ["-I", SCRIPT, file, a.host.namespace, atA, b.host.namespace, atB],
    dir,
    ready: (said) => said.includes("settings 1\n"),
  });
  setUp(a.host, atA, a.addresses);
  setUp(b.host, atB, b.addresses);
  let written = 1;
  return {
    async set(settings) {
      write(settings);
      written += 1;
      process.kill(pid, "SIGHUP");
      while (!output().includes(`settings ${written}\n`)) await sleep(5);
    },
    stop,
  };
}
