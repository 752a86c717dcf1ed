/** Whose answers they are like: read from what real servers said, byte for byte, and from every mixture of traits. */
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { fingerprintSchema, quietEvidenceSchema } from "../../../src/model/fingerprint.ts";
import type { Fingerprint, QuietEvidence } from "../../../src/model/fingerprint.ts";
import type { BindAckFacts, RpcEvidence } from "../../../src/model/rpc.ts";
import { decodeAnswer } from "../../../src/protocol/dcerpc/answer.ts";
import { fingerprintOf } from "../../../src/verdict/fingerprint.ts";
import { wireFixture } from "../../fixtures/wire/wire-fixture.ts";
import { accepted, ack, bind, contexts, hungUp, nak, plainBind, rpc, serving } from "./builders.ts";
import { runs } from "../runs.ts";

const OFFERED = ["NDR32", "NDR64", "BTFN"] as const;

/** A recorded bind_ack as evidence. @param callId as it would be echoed: the recorded ones were asked with 1 */
function recorded(name: string, callId: number): BindAckFacts {
  const decoded = decodeAnswer(wireFixture(name));
  if (!decoded.ok || decoded.value.kind !== "accepted-pdu") throw new Error(`${name} is no bind_ack`);
  const { kind: _, ptype: __, results, ...rest } = decoded.value;
  const offered = results.map((result, index) => ({ offered: OFFERED[index] ?? "BTFN", ...result }));
  return { ...rest, callId, contexts: offered };
}

function bound(facts: BindAckFacts, over: Partial<RpcEvidence> = {}): RpcEvidence {
  return serving({ bind: bind({ outcome: "ok", facts, elapsedMs: 1 }), ...over });
}

function quiet(frag: number | null, otherVersion: QuietEvidence["otherVersion"] = "rejected"): QuietEvidence {
  const fragments = frag === null ? null : { offered: 65_535, maxXmitFrag: frag, maxRecvFrag: frag };
  return quietEvidenceSchema.parse({ tcpMs: [0.5, 0.4], bindMs: [0.7, 0.6], fragments, otherVersion });
}

const decoy = (
  answer: RpcEvidence["control"]["answer"],
  by: RpcEvidence["control"]["by"] = "alter-context",
): Pick<RpcEvidence, "control"> => ({ control: { by, answer } });

const SAMPLES = { asked: 3, samplesMs: [1, 1, 1] };
const NO_SAMPLES = { asked: 3, samplesMs: [] };

const COPIES = "copies the fragment sizes it is offered (65535)";
const HOLDS = "holds fragments to 5840 bytes where 65535 are offered";
const REJECTS = "rejects an unknown interface UUID";
const ACCEPTS = "accepts an unknown interface UUID";

/** The whole of what each stack said on loopback: its own bind_ack, and what else was asked of it. */
const KNOWN: [string, RpcEvidence, QuietEvidence | null, Fingerprint][] = [
  [
    "Samba",
    bound(recorded("samba-epmapper-3-contexts", 0xbeef), decoy("rejected")),
    quiet(5840),
    {
      name: "samba",
      text: "answers like Samba, or like a 32-bit Windows",
      traits: [
        "accepts NDR32, rejects NDR64, grants bind time features",
        REJECTS,
        "rejects the KMS interface in an unknown version (9.0)",
        HOLDS,
      ],
    },
  ],
  [
    "Wine",
    bound(recorded("wine-3-contexts", 1), decoy("rejected")),
    quiet(5840),
    {
      name: "wine",
      text: "answers like Wine",
      traits: [
        "accepts NDR32 and doesn't know bind time features (2/2)",
        REJECTS,
        "rejects the KMS interface in an unknown version (9.0)",
        HOLDS,
        "answers with call id 1, whatever was asked",
      ],
    },
  ],
  [
    "impacket",
    bound(recorded("impacket-3-contexts", 0xbeef), { ...decoy("closed", "bind"), latency: SAMPLES }),
    quiet(65_535, "fault"),
    {
      name: "impacket",
      text: "answers like impacket",
      traits: [
        "rejects further contexts as their user, not as provider (1/2)",
        COPIES,
        "answers an alter_context with a fault",
        "names association group 0x1234",
      ],
    },
  ],
  [
    "an emulator that imitates a 64-bit Windows",
    bound(recorded("other-a-3-contexts", 0xbeef), decoy("rejected")),
    quiet(65_535, "accepted"),
    {
      name: "emulator",
      text: "answers like a known KMS emulator",
      traits: [
        "accepts NDR64 and rejects NDR32 beside it, as 64-bit Windows does",
        REJECTS,
        "accepts the KMS interface in an unknown version (9.0)",
        COPIES,
      ],
    },
  ],
  [
    "an emulator that takes any interface",
    bound(recorded("other-b-3-contexts", 0xbeef), { ...decoy("accepted", "bind"), latency: NO_SAMPLES }),
    quiet(65_535, "closed"),
    {
      name: "emulator",
      text: "answers like a known KMS emulator",
      traits: [
        "accepts NDR32, rejects NDR64, grants bind time features",
        ACCEPTS,
        COPIES,
        "closes on an alter_context",
        "sets the flag of concurrent multiplexing without having been asked (pfc_flags 0x13)",
        "names association group 0x1063bf3f, a constant of a known emulator",
      ],
    },
  ],
];

describe("a fingerprint", () => {
  it.each(KNOWN)("is that of %s", (_, evidence, measured, expected) => {
    expect(fingerprintOf(evidence, measured, 1688)).toMatchObject(expected);
    expect(fingerprintOf(evidence, measured, 1688).traits).toEqual(expected.traits);
  });

  it("is none where a Windows of 64 bits answers as documents say", () => {
    const facts = ack(contexts("2/2", "0/0", "3/3"), { callId: 0xbeef, assocGroupId: 0x53f0 });
    expect(fingerprintOf(bound(facts, decoy("rejected")), quiet(5840), 1688)).toEqual({
      name: "none",
      text: "no known pattern",
      traits: [
        "accepts NDR64 and rejects NDR32 beside it, as 64-bit Windows does",
        REJECTS,
        "rejects the KMS interface in an unknown version (9.0)",
        HOLDS,
      ],
    });
  });

  it.each<[string, RpcEvidence, QuietEvidence | null, Fingerprint["name"]]>([
    // What a copied fragment would have shown is not known: the rest fits Windows and its imitations as well.
    ["Samba unmeasured", bound(recorded("samba-epmapper-3-contexts", 7)), null, "none"],
    ["the imitation unmeasured", bound(recorded("other-a-3-contexts", 7)), null, "none"],
    [
      "the imitation, told to leave NDR64 out",
      bound(ack(contexts("0/0", "2/2", "3/3"), { callId: 7 })),
      quiet(65_535, "accepted"),
      "emulator",
    ],
    [
      "the imitation, told to leave features out, too",
      bound(ack(contexts("0/0", "2/2", "2/2"), { callId: 7 })),
      quiet(65_535, "accepted"),
      "emulator",
    ],
    ["Wine unmeasured", bound(recorded("wine-3-contexts", 1)), null, "wine"],
    ["an old server that echoes the call id", bound(recorded("wine-3-contexts", 7)), quiet(5840), "none"],
    [
      "impacket unmeasured, by its samples",
      bound(ack(contexts("0/0", "1/2", "1/2"), { assocGroupId: 9 }), {
        ...decoy("closed", "bind"),
        latency: SAMPLES,
      }),
      null,
      "impacket",
    ],
    [
      "user rejections and nothing else",
      bound(ack(contexts("0/0", "1/2", "1/2"), { assocGroupId: 9 })),
      null,
      "none",
    ],
    [
      "any interface taken, and no mark of a known emulator",
      bound(ack(contexts("0/0", "2/2", "3/3"), { callId: 7 }), decoy("accepted")),
      quiet(65_535, "accepted"),
      "accepts-anything",
    ],
    [
      "the marks of the one emulator, and fragments of a real stack",
      bound(recorded("other-b-3-contexts", 7), decoy("accepted")),
      quiet(5840),
      "accepts-anything",
    ],
    [
      "Samba's bind, and a fault to the alter_context",
      bound(recorded("samba-epmapper-3-contexts", 7), decoy("rejected")),
      quiet(5840, "fault"),
      "none",
    ],
    ["a server without the interface", rpc(nak(4)), null, "none"],
    [
      "a host that closed on both binds",
      rpc(hungUp("closed"), { plain: plainBind(hungUp("closed")) }),
      null,
      "none",
    ],
  ])("%s", (_, evidence, measured, name) => {
    expect(fingerprintOf(evidence, measured, 1688).name).toBe(name);
  });

  it("reads a plain bind, whose one context is no pattern of contexts", () => {
    const evidence = serving({ bind: bind(hungUp("ECONNRESET")), plain: plainBind(accepted("0/0")) });
    expect(fingerprintOf(evidence, null, 1700)).toEqual({
      name: "none",
      text: "no known pattern",
      traits: [
        REJECTS,
        "answers with call id 1, whatever was asked",
        "names association group 0x1234",
        "names another port than the one that was asked",
      ],
    });
  });

  it("does not mind a server that names no port", () => {
    const evidence = bound(recorded("samba-lsarpc-1-context", 7));
    expect(fingerprintOf(evidence, null, 1688).traits).toEqual([REJECTS]);
  });
});

const mixed = fc.record({
  contexts: fc.constantFrom("0/0 2/2 3/3", "2/2 0/0 3/3", "0/0 2/2 2/2", "0/0 1/2 1/2", "0/0"),
  callId: fc.constantFrom(1, 7),
  pfcFlags: fc.constantFrom(0x03, 0x13),
  group: fc.constantFrom(0x1234, 0x1063bf3f, 9),
  answer: fc.constantFrom("rejected", "accepted", "fault", "closed", "silent", "not-asked" as const),
  by: fc.constantFrom("alter-context", "bind" as const),
  latency: fc.constantFrom(SAMPLES, NO_SAMPLES),
  frag: fc.constantFrom(5840, 65_535, 4280, null),
  version: fc.constantFrom("rejected", "accepted", "fault", "closed", "not-asked" as const),
  measured: fc.boolean(),
});

describe("whatever a host says", () => {
  it("its fingerprint has two traits at least to bear a name, and the words of that name", () => {
    const texts = new Map<string, Set<string>>();
    fc.assert(
      fc.property(mixed, (each) => {
        const facts = ack(contexts(...each.contexts.split(" ")), {
          callId: each.callId,
          pfcFlags: each.pfcFlags,
          assocGroupId: each.group,
        });
        const evidence = bound(facts, { ...decoy(each.answer, each.by), latency: each.latency });
        const measured = each.measured ? quiet(each.frag, each.version) : null;
        const fingerprint = fingerprintSchema.parse(fingerprintOf(evidence, measured, 1688));
        const { name, text, traits } = fingerprint;
        texts.set(name, (texts.get(name) ?? new Set()).add(text));
        expect(new Set(traits).size).toBe(traits.length);
        expect(text + traits.join()).not.toMatch(/genuine/i);
        if (name !== "none" && name !== "accepts-anything") expect(traits.length).toBeGreaterThan(1);
        // What takes anything proves no KMS, and is not called a stack that has it.
        if (traits.includes(ACCEPTS)) expect(["samba"]).not.toContain(name);
        if (traits.includes(COPIES)) expect(name).not.toBe("samba");
        if (name === "samba") expect(traits).toEqual(expect.arrayContaining([HOLDS, REJECTS]));
      }),
      { seed: 2136, numRuns: runs(5_000) },
    );
    expect([...texts.keys()].toSorted()).toEqual(
      ["accepts-anything", "emulator", "impacket", "none", "samba", "wine"].toSorted(),
    );
    for (const said of texts.values()) expect(said.size).toBe(1);
  });

  it("has the type that the report has for it", () => {
    expectTypeOf(fingerprintOf).returns.toEqualTypeOf<Fingerprint>();
  });
});
