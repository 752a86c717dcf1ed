import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { AttemptEvidence } from "../../../../src/model/evidence.ts";
import { createAttempts } from "../../../../src/run/serve/attempts.ts";
import { scenes } from "../../report/check/scenes.ts";

function anAttempt(): AttemptEvidence {
  const [attempt] = scenes["all-serving"].diagnoses.flatMap(({ endpoints }) =>
    endpoints.flatMap(({ attempts }) => attempts),
  );
  if (attempt === undefined) throw new Error("a scene without attempts");
  return attempt;
}

const SEEN = anAttempt();

function world({ minIntervalMs = 50, most = 10, spoilt = false } = {}) {
  let nowMs = 0;
  let begun = 0;
  const attempts = createAttempts({
    clock: { nowMs: () => nowMs },
    minIntervalMs: () => minIntervalMs,
    isSpoilt: () => spoilt,
    most,
  });
  return {
    attempts,
    begun: () => begun,
    attempt: async () => {
      begun += 1;
      await sleep(0);
      // Each is another, so that the sharing shows.
      return { ...SEEN, address: `127.0.0.${begun}` };
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const PATIENT = new AbortController().signal;

describe("attempts that looks share", () => {
  it("are one for all who look in the same way within the interval, under way or over", async () => {
    const { attempts, attempt, begun, pass } = world();
    const share = attempts.of("kms");
    const [one, other] = await Promise.all([1, 2].map(() => share("10.0.0.1 1688", PATIENT, attempt)));
    expect([one?.address, other]).toEqual(["127.0.0.1", one]);
    pass(49);
    expect(await share("10.0.0.1 1688", PATIENT, attempt)).toBe(one);
    pass(1);
    expect((await share("10.0.0.1 1688", PATIENT, attempt)).address).toBe("127.0.0.2");
    expect(begun()).toBe(2);
  });

  it("are not shared by another address, nor by one who looks in another way", async () => {
    const { attempts, attempt, begun } = world();
    await attempts.of("kms")("10.0.0.1 1688", PATIENT, attempt);
    await attempts.of("kms")("10.0.0.2 1688", PATIENT, attempt);
    await attempts.of("branch")("10.0.0.1 1688", PATIENT, attempt);
    expect(begun()).toBe(3);
  });

  it.each([
    ["cut short", { spoilt: false }],
    ["spoilt", { spoilt: true }],
  ])("that were %s are told to nobody else: the next waits out the interval", async (_, given) => {
    const { attempts, attempt, begun, pass } = world(given);
    const share = attempts.of("kms");
    const hasty = new AbortController();
    const first = share("10.0.0.1 1688", hasty.signal, attempt);
    if (!given.spoilt) hasty.abort();
    expect((await first).address).toBe("127.0.0.1");
    const startedMs = performance.now();
    const second = share("10.0.0.1 1688", PATIENT, attempt);
    await sleep(20);
    expect(begun()).toBe(1);
    pass(50);
    expect((await second).address).toBe("127.0.0.2");
    expect(performance.now() - startedMs).toBeGreaterThan(45);
  });

  it("let go who has no time to wait for them", async () => {
    const { attempts, attempt, begun } = world({ minIntervalMs: 60_000, spoilt: true });
    const share = attempts.of("kms");
    await share("10.0.0.1 1688", PATIENT, attempt);
    const waiting = new AbortController();
    const second = share("10.0.0.1 1688", waiting.signal, attempt);
    waiting.abort();
    // Made with a signal that is aborted: the real one sends nothing.
    expect((await second).address).toBe("127.0.0.2");
    expect(begun()).toBe(2);
  });

  it("are remembered up to a number", async () => {
    const { attempts, attempt, begun } = world({ most: 2 });
    const share = attempts.of("kms");
    for (const address of ["1", "2", "3", "1"]) await share(address, PATIENT, attempt);
    expect(begun()).toBe(4);
    await share("3", PATIENT, attempt);
    expect(begun()).toBe(4);
  });
});
