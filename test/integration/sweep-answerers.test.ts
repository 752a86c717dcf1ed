import { describe, expect, test } from "vitest";
import { startAnswerer } from "./servers/answerer.ts";
import { needs } from "./servers/available.ts";
import { freePort } from "./servers/free-port.ts";
import { runCheck } from "./support/kmsprobe.ts";

const ADDRESSES = {
  serves: ["127.72.1.1"],
  anything: ["127.72.1.2"],
  silent: ["127.72.1.3"],
  closes: ["127.72.1.4"],
} as const;

const programs = [
  { program: "c", skip: needs("linux", "cc").skip },
  { program: "js", skip: needs("linux").skip },
] as const;

// The benchmark says that every host was found: what it finds must be what a real sweep looks for.
describe.each(programs)("the answerer of the benchmark ($program)", ({ program, skip }) => {
  test.skipIf(skip)("answers in each of its manners, to the very bytes of check", async () => {
    const port = await freePort(...Object.values(ADDRESSES).flat());
    const { stop } = await startAnswerer({ addresses: ADDRESSES, port, program });
    try {
      const targets = Object.values(ADDRESSES).flatMap(([address]) => [`${address}:${port}`]);
      const { report } = await runCheck([...targets, "--rpc-timeout", "400ms", "--count", "4"]);
      const attempts = report.diagnoses
        .flatMap(({ endpoints }) => endpoints)
        .flatMap((each) => each.attempts);
      const codes = Object.fromEntries(attempts.map(({ address, verdict }) => [address, verdict.code]));
      expect(codes).toEqual({
        "127.72.1.1": "rpc-serves",
        "127.72.1.2": "rpc-accepts-anything",
        "127.72.1.3": "rpc-no-answer",
        "127.72.1.4": "rpc-closed",
      });
      const rpc = attempts.find(({ address }) => address === "127.72.1.1")?.rpc;
      expect(rpc?.control).toEqual({ by: "alter-context", answer: "rejected" });
      expect(rpc?.latency.samplesMs).toHaveLength(4);
      expect(rpc?.bind.answer).toMatchObject({
        outcome: "ok",
        facts: {
          secondaryAddress: String(port),
          contexts: [
            { offered: "NDR32", result: 0, reason: 0 },
            { offered: "NDR64", result: 2, reason: 2 },
            { offered: "BTFN", result: 3, reason: 3 },
          ],
        },
      });
    } finally {
      await stop();
    }
  });
});
