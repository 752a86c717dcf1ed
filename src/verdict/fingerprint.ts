/**
 * Whose RPC answers a host's are like: a table of traits read from evidence, and a table of patterns made of them. The
 * patterns were measured on loopback; that of Windows is known from documents only, so none bears its name alone, and
 * no pattern at all is what most Windows hosts come to.
 */
import type { Fingerprint, QuietEvidence } from "../model/fingerprint.ts";
import type { BindAckFacts, BindTry, RpcEvidence } from "../model/rpc.ts";

/** What of the evidence a trait may be read from. */
type Seen = {
  /** "result/reason" of each context of a Windows-shaped bind; empty where a plain one was answered. */
  contexts: string;
  ack: BindAckFacts | null;
  decoy: RpcEvidence["control"]["answer"];
  alter: "fault" | "closed" | "other";
  quiet: QuietEvidence | null;
  port: number;
};

/** Fragments that Windows, Samba and Wine agree to, whatever is offered above it. */
const USUAL_FRAG = 5840;

/** In the order in which they are told. */
const TRAITS = {
  "ndr64-first": {
    phrase: "accepts NDR64 and rejects NDR32 beside it, as 64-bit Windows does",
    of: ({ contexts }) => contexts === "2/2 0/0 3/3",
  },
  "ndr32-alone": {
    phrase: "accepts NDR32, rejects NDR64, grants bind time features",
    of: ({ contexts }) => contexts === "0/0 2/2 3/3",
  },
  "no-features": {
    phrase: "accepts NDR32 and doesn't know bind time features (2/2)",
    of: ({ contexts }) => contexts === "0/0 2/2 2/2",
  },
  "user-rejections": {
    phrase: "rejects further contexts as their user, not as provider (1/2)",
    of: ({ contexts }) => contexts === "0/0 1/2 1/2",
  },
  "accepts-decoy": {
    phrase: "accepts an unknown interface UUID",
    of: ({ decoy }) => decoy === "accepted",
  },
  "rejects-decoy": {
    phrase: "rejects an unknown interface UUID",
    of: ({ decoy }) => decoy === "rejected",
  },
  "accepts-version": {
    phrase: "accepts the KMS interface in an unknown version (9.0)",
    of: ({ quiet }) => quiet?.otherVersion === "accepted",
  },
  "rejects-version": {
    phrase: "rejects the KMS interface in an unknown version (9.0)",
    of: ({ quiet }) => quiet?.otherVersion === "rejected",
  },
  "copies-fragments": {
    phrase: "copies the fragment sizes it is offered (65535)",
    of: ({ quiet }) => holdsFragments(quiet, quiet?.fragments?.offered),
  },
  "clamps-fragments": {
    phrase: `holds fragments to ${USUAL_FRAG} bytes where 65535 are offered`,
    of: ({ quiet }) => holdsFragments(quiet, USUAL_FRAG),
  },
  "faults-alter": {
    phrase: "answers an alter_context with a fault",
    of: ({ alter }) => alter === "fault",
  },
  "closes-on-alter": {
    phrase: "closes on an alter_context",
    of: ({ alter }) => alter === "closed",
  },
  // Call ids are random: an echo is 1 once in 65,536 times.
  "call-id-1": {
    phrase: "answers with call id 1, whatever was asked",
    of: ({ ack }) => ack?.callId === 1,
  },
  multiplexing: {
    phrase: "sets the flag of concurrent multiplexing without having been asked (pfc_flags 0x13)",
    of: ({ ack }) => ack?.pfcFlags === 0x13,
  },
  "group-1234": {
    phrase: "names association group 0x1234",
    of: ({ ack }) => ack?.assocGroupId === 0x1234,
  },
  "group-constant": {
    phrase: "names association group 0x1063bf3f, a constant of a known emulator",
    of: ({ ack }) => ack?.assocGroupId === 0x1063bf3f,
  },
  "other-port": {
    phrase: "names another port than the one that was asked",
    of: ({ ack, port }) =>
      ack !== null && ack.secondaryAddress !== "" && ack.secondaryAddress !== String(port),
  },
} as const satisfies Record<string, { phrase: string; of: (seen: Seen) => boolean }>;

type Trait = keyof typeof TRAITS;

type Pattern = Pick<Fingerprint, "name" | "text"> & {
  /** All of these, */
  all: readonly Trait[];
  /** at least one of these, where there are any, */
  any?: readonly Trait[];
  /** none of these; */
  not?: readonly Trait[];
  /** and these are told where they are seen. */
  also?: readonly Trait[];
};

const EMULATOR = { name: "emulator", text: "answers like a known KMS emulator" } as const;

/** No two of them but the last fit at once. Each but the last needs two traits that don't follow from each other. */
const PATTERNS: readonly Pattern[] = [
  {
    name: "impacket",
    text: "answers like impacket",
    all: ["user-rejections"],
    any: ["faults-alter", "group-1234", "copies-fragments"],
  },
  {
    name: "wine",
    text: "answers like Wine",
    all: ["no-features", "call-id-1"],
    also: ["rejects-decoy", "rejects-version", "clamps-fragments"],
  },
  {
    ...EMULATOR,
    all: ["ndr32-alone", "accepts-decoy"],
    any: ["multiplexing", "group-constant"],
    not: ["clamps-fragments"],
    also: ["copies-fragments", "closes-on-alter"],
  },
  {
    // Its contexts can be configured, and are no condition.
    ...EMULATOR,
    all: ["copies-fragments", "accepts-version", "rejects-decoy"],
    not: ["user-rejections", "call-id-1"],
    also: ["ndr64-first", "ndr32-alone"],
  },
  {
    // A Windows of 32 bits has no NDR64 either, and by documents the rest is alike (inference: none was at hand).
    name: "samba",
    text: "answers like Samba, or like a 32-bit Windows",
    all: ["ndr32-alone", "clamps-fragments", "rejects-decoy"],
    not: ["accepts-version", "faults-alter", "closes-on-alter"],
    also: ["rejects-version"],
  },
  {
    name: "accepts-anything",
    text: "accepts any interface: no proof of KMS, and no known pattern",
    all: ["accepts-decoy"],
    also: ["accepts-version", "copies-fragments", "closes-on-alter"],
  },
];

/**
 * Compares a host's answers with the patterns that are known. It says what they are like, never what the host is: a
 * pattern can be imitated, and a new version may have another.
 *
 * @param quiet null where the host was not measured; then only what the bind itself shows counts
 * @param port that was connected to
 */
export function fingerprintOf(rpc: RpcEvidence, quiet: QuietEvidence | null, port: number): Fingerprint {
  const seen = look(rpc, quiet, port);
  const traits = namesOf(TRAITS).filter((trait) => TRAITS[trait].of(seen));
  const has = (trait: Trait): boolean => traits.includes(trait);
  const pattern = PATTERNS.find(
    ({ all, any, not = [] }) => all.every(has) && (any === undefined || any.some(has)) && !not.some(has),
  );
  const phrases = (kept: readonly Trait[]): string[] =>
    traits.filter((trait) => kept.includes(trait)).map((trait) => TRAITS[trait].phrase);
  if (pattern === undefined) return { name: "none", text: "no known pattern", traits: phrases(traits) };
  const { name, text, all, any = [], also = [] } = pattern;
  return { name, text, traits: phrases([...all, ...any, ...also]) };
}

function look(rpc: RpcEvidence, quiet: QuietEvidence | null, port: number): Seen {
  const tries = rpc.plain === null ? [rpc.bind] : [rpc.bind, rpc.plain];
  const answered = tries.find((each) => ackOf(each) !== null);
  const ack = answered === undefined ? null : ackOf(answered);
  const contexts =
    answered?.shape === "windows" && ack !== null
      ? ack.contexts.map(({ result, reason }) => `${result}/${reason}`).join(" ")
      : "";
  return { contexts, ack, decoy: rpc.control.answer, alter: alterOf(rpc, quiet), quiet, port };
}

function ackOf({ answer }: BindTry): BindAckFacts | null {
  if (answer.outcome === "ok") return answer.facts;
  return answer.outcome === "denied" && answer.denial.kind === "contexts" ? answer.denial.ack : null;
}

/** The control turns to a bind after a fault or a close; only after a fault are there samples on that connection. */
function alterOf({ control, latency }: RpcEvidence, quiet: QuietEvidence | null): Seen["alter"] {
  for (const word of [quiet?.otherVersion, control.by === "alter-context" ? control.answer : undefined]) {
    if (word === "fault" || word === "closed") return word;
  }
  if (control.by === "alter-context" || latency.asked === 0) return "other";
  return latency.samplesMs.length > 0 ? "fault" : "closed";
}

function holdsFragments(quiet: QuietEvidence | null, size: number | undefined): boolean {
  const fragments = quiet?.fragments ?? null;
  return fragments !== null && fragments.maxXmitFrag === size && fragments.maxRecvFrag === size;
}

function namesOf(table: Readonly<Record<Trait, unknown>>): Trait[] {
  return Object.keys(table).filter((name): name is Trait => Object.hasOwn(table, name));
}
