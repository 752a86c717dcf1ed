import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { AttemptEvidence } from "../../../../src/model/evidence.ts";
import { createAttempts } from "../../../../src/run/serve/attempts.ts";
import { Stop } from "../../../../src/transport/stop.ts";
import type { StopSignal } from "../../../../src/transport/stop.ts";
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

/** An attempt that ends when the test says so, or as soon as it is stopped. */
function held() {
  const signals: StopSignal[] = [];
  const ends: (() => void)[] = [];
  const attempt = (signal: StopSignal): Promise<AttemptEvidence> => {
    signals.push(signal);
    if (signal.aborted) return Promise.resolve({ ...SEEN, address: "cut short" });
    return new Promise((resolve) => {
      ends.push(() => resolve({ ...SEEN, address: "whole" }));
      signal.addEventListener("abort", () => resolve({ ...SEEN, address: "cut short" }));
    });
  };
  return { attempt, signals, end: () => ends.forEach((end) => end()) };
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

  it("go on while anybody waits for them, whoever had them made, and are told whole", async () => {
    const { attempts } = world();
    const share = attempts.of("kms");
    const { attempt, end, signals } = held();
    const [hasty, patient] = [new Stop(), new Stop()];
    const first = share("10.0.0.1 1688", hasty, attempt);
    const second = share("10.0.0.1 1688", patient, attempt);
    hasty.abort("deadline");
    // With the signal that is aborted: nothing is sent, and the evidence says so.
    expect((await first).address).toBe("cut short");
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    end();
    expect((await second).address).toBe("whole");
  });

  it("are ended by the last who waits for them, who is told what they saw by then", async () => {
    const { attempts } = world();
    const share = attempts.of("kms");
    const { attempt, signals } = held();
    const [one, other] = [new Stop(), new Stop()];
    const asked = [one, other].map((stop) => share("10.0.0.1 1688", stop, attempt));
    one.abort("deadline");
    await asked[0];
    other.abort("interrupted");
    expect((await asked[1])?.address).toBe("cut short");
    expect(signals.map(({ reason }) => reason)).toEqual(["interrupted", "deadline"]);
  });

  it("that fail are no answer for others who wait: the next is made when the interval is over", async () => {
    const { attempts, attempt, pass } = world();
    const share = attempts.of("kms");
    const failing = share("10.0.0.1 1688", PATIENT, () => Promise.reject(new Error("our bug")));
    const other = share("10.0.0.1 1688", PATIENT, attempt);
    await expect(failing).rejects.toThrow("our bug");
    pass(50);
    expect((await other).address).toBe("127.0.0.1");
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
