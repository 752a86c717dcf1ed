import { describe, expect, it } from "vitest";
import type { Claimed } from "../../../../src/explain/causes.ts";
import { causesOfBoth } from "../../../../src/explain/join/both.ts";
import type { Claim } from "../../../../src/explain/found.ts";
import { causeNames } from "../../../../src/model/causes.ts";
import type { Cause } from "../../../../src/model/causes.ts";

const STEP = { where: "here", text: "settle it", command: null } as const;

function seen(cause: Cause["cause"], state: Cause["state"]): Cause[] {
  return causeNames.map((each) => ({
    cause: each,
    state: each === cause ? state : "not-visible-from-here",
    evidence: each === cause ? "seen" : "nothing",
    pointer: each === cause ? "/diagnoses/0" : null,
    step: STEP,
  }));
}

function claimed(cause: Cause["cause"], state: Claim["state"]): Claimed[] {
  return [{ claim: { cause, state, evidence: "told", fact: "errorCodes" }, piece: 0, line: 1 }];
}

const state = (cause: Cause["cause"], text: Claim["state"] | null, network: Cause["state"]): string => {
  const claims = text === null ? [] : claimed(cause, text);
  return causesOfBoth(claims, [], seen(cause, network)).find((each) => each.cause === cause)?.state ?? "";
};

describe("a cause by text and network", () => {
  it.each([
    // What one side confirms, and the other cannot see, is confirmed.
    ["activation-threshold", "confirmed", "not-visible-from-here", "confirmed"],
    ["dns", null, "confirmed", "confirmed"],
    ["dns", "fits", "confirmed", "confirmed"],
    // A host that binds may still be without a licence, and its clock right where the client's is not.
    ["kms-host", "confirmed", "ruled-out", "confirmed"],
    ["clock", "confirmed", "ruled-out", "confirmed"],
    // Where a client is may differ from here.
    ["dns", "confirmed", "ruled-out", "possible"],
    ["connectivity", "ruled-out", "confirmed", "possible"],
    ["connectivity", "possible", "ruled-out", "possible"],
    // What only fits a code goes where it was looked at, and sound.
    ["connectivity", "fits", "ruled-out", "ruled-out"],
    ["connectivity", "fits", "not-visible-from-here", "possible"],
    ["vpn", null, "not-visible-from-here", "not-visible-from-here"],
  ] as const)("%s: the text %s, the network %s: %s", (cause, text, network, joined) => {
    expect(state(cause, text, network)).toBe(joined);
  });

  it("says both, what decides first, with a pointer to it and a step only where one is left", () => {
    const [confirmed] = causesOfBoth(claimed("connectivity", "fits"), [], seen("connectivity", "confirmed"));
    expect(confirmed).toMatchObject({
      evidence: "From here: seen. In the text: told (from line 1)",
      pointer: "/report/diagnoses/0",
      step: STEP,
    });
    const [sound] = causesOfBoth(claimed("connectivity", "fits"), [], seen("connectivity", "ruled-out"));
    expect(sound).toMatchObject({ step: null });
  });
});
