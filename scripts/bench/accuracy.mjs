// Whether the sweep finds exactly what answers, over and over, where it is hard to.
import { pick, sizeOf } from "./addresses.mjs";
import { ours } from "./contenders.mjs";
import { Namespace } from "./namespace.mjs";
import { startAnswerer } from "./peers.mjs";

const BLOCK = "127.1.0.0/16";
const PORTS = "net.ipv4.ip_local_port_range";

/** Settings are the defaults, save for the rate: 65,536 addresses at 500 a second would take two minutes. */
const conditions = [
  { name: "nothing in the way" },
  { name: "one in twenty of what answers behind 10 % loss each way", lossyShare: 0.05 },
  { name: "ulimit -n 256", wrapper: ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"] },
  { name: "2,000 local ports", sysctl: `${PORTS}=40000 41999` },
];

/** @returns whether all of them were exact */
export async function measureAccuracy(bench, runs) {
  const expected = pick(BLOCK, Math.floor(sizeOf(BLOCK) / 100), 1688);
  let all = true;
  for (const { name, lossyShare = 0, wrapper = [], sysctl } of conditions) {
    const namespace = new Namespace("accuracy");
    if (sysctl !== undefined) namespace.sysctl(sysctl);
    namespace.firewall({ lossy: expected.slice(0, Math.ceil(expected.length * lossyShare)) });
    const answerer = await startAnswerer({
      namespace,
      program: bench.answerer,
      addresses: expected,
      dir: bench.dir,
    });
    let exact = 0;
    const seconds = [];
    const at = { namespace, block: BLOCK, expected, dir: bench.dir, wrapper, options: ["--rate", "0"] };
    for (let run = 1; run <= runs; run += 1) {
      const result = await ours(name, at).run();
      seconds.push(result.seconds);
      if (result.wrong === null) exact += 1;
      else console.log(`   run ${run}: NOT EXACT: ${result.wrong}`);
    }
    await answerer.stop();
    namespace.remove();
    const [least, most] = [Math.min(...seconds).toFixed(1), Math.max(...seconds).toFixed(1)];
    console.log(
      `${exact === runs ? "✓" : "✗"} ${name}: ${exact} of ${runs} runs exact, ${least} to ${most} s`,
    );
    all &&= exact === runs;
  }
  return all;
}
