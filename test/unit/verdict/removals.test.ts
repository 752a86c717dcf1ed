/** Nothing is to be removed that may serve somebody: over the whole catalogue, and over any run. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verdictCodes } from "../../../src/model/verdict.ts";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { entryOf } from "../../../src/verdict/catalog.ts";
import { HINTS } from "../../../src/verdict/catalog/entry.ts";
import type { Hint } from "../../../src/verdict/catalog/entry.ts";
import { findingCatalog } from "../../../src/verdict/findings/catalog.ts";
import { judgeAll } from "../../../src/verdict/judge.ts";
import { verdictOf } from "../../../src/verdict/words.ts";
import { anyEvidence } from "./arbitrary.ts";
import {
  CLIENT_TIMEOUT_MS,
  connected,
  domain,
  found,
  addresses,
  isServing,
  isSilent,
  listed,
  lookup,
  refuses,
  rejected,
  rpc,
  zone,
} from "./builders.ts";
import { runs } from "../runs.ts";

/** Words and commands that take something away. */
const REMOVES = /remove|delete|retire|take (it|this|that|them) (out|off)/i;

/** Every hint alone, each two together, and none. */
const EXCLUSIVE: readonly Hint[] = ["acknowledged", "unacknowledged", "zero-window"];
const HINT_SETS = [
  [],
  ...HINTS.map((hint) => [hint]),
  ...HINTS.flatMap((one, index) => HINTS.slice(index + 1).map((two) => [one, two])),
].filter((hints) => hints.filter((hint) => EXCLUSIVE.includes(hint)).length < 2);

/** Both families are denied. */
const NO_ADDRESS = addresses([], {
  lookups: [lookup(refuses("NXDOMAIN")), lookup(refuses("NXDOMAIN"), { family: 6 })],
});

describe("advice that removes something", () => {
  it.each(verdictCodes)("%s gives none unless it is certain, whatever was seen", (code) => {
    const given = HINT_SETS.flatMap((hints) => {
      const { certainty, next } = verdictOf(code, "", {}, hints);
      if (certainty === "certain") return [];
      return next
        .filter(({ text, command }) => REMOVES.test(`${text} ${command ?? ""}`))
        .map((step) => ({ hints, step }));
    });
    expect(given).toEqual([]);
  });

  it.each(verdictCodes)("%s leaves a cause, whatever other sources saw", (code) => {
    if (entryOf(code).causes.length === 0) return;
    const without = HINT_SETS.filter((hints) => {
      // A cause's line may need a hint that came together with another.
      const all = hints.includes("serves-elsewhere")
        ? [...hints, "listens-elsewhere" as const, "answers-elsewhere" as const]
        : hints;
      return verdictOf(code, "", {}, all).causes.length === 0;
    });
    expect(without).toEqual([]);
  });

  it("is in no finding's standing words, but for what is certain when it is told", () => {
    const told = Object.entries(findingCatalog).flatMap(([code, { next }]) =>
      REMOVES.test(next) ? [code] : [],
    );
    expect(told).toEqual(
      [
        // No client asks there, whoever serves.
        "lint-udp-twin",
        // Only told where every look says that the name has no address.
        "lint-dangling-target",
        // "caches keep a retired host alive": of a time to live.
        "lint-ttl",
      ].toSorted((a, b) => Object.keys(findingCatalog).indexOf(a) - Object.keys(findingCatalog).indexOf(b)),
    );
  });

  it("never has a command against a host that serves, or may serve, some source of the run", () => {
    let seen = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(anyEvidence, badZone), { minLength: 1, maxLength: 3 }), (targets) => {
        const diagnoses = judgeAll(targets, CLIENT_TIMEOUT_MS);
        for (const finding of diagnoses.flatMap(({ findings }) => findings)) {
          for (const gone of removedBy(finding)) {
            seen += 1;
            for (const look of looksAt(gone, diagnoses))
              expect(look).toMatchObject({ serves: false, certainty: "certain" });
          }
        }
      }),
      { seed: 2136, numRuns: runs(2_000) },
    );
    expect(seen).toBeGreaterThan(runs(500));
  }, 60_000);
});

const isAnother = (over: Parameters<typeof isServing>[0]): AttemptEvidence =>
  connected(rpc(rejected("2/1", "2/1")), over);

/** Up to five hosts as one source sees them: some serve, some do not for certain, some may. */
const badZone = fc
  .record({
    source: fc.constantFrom(null, "hq0", "vpn0"),
    makes: fc.array(fc.constantFrom(isServing, isSilent, isAnother, isAnother), {
      minLength: 1,
      maxLength: 5,
    }),
    nameless: fc.nat(5),
  })
  .map(({ source, makes, nameless }): Evidence => {
    const hosts = makes.map((make, index) => {
      const host = listed(index + 1, make);
      return index === nameless ? { ...host, attempts: [], address: NO_ADDRESS } : host;
    });
    return { ...zone(hosts), source };
  });

type Gone = { target: string; port: number };

/** Hosts that a fix takes out of the records and does not put back in, under whatever port or name of its own. */
function removedBy({ fix, code }: Finding): Gone[] {
  // Under _udp no client looks.
  if (fix?.bind == null || code === "lint-udp-twin" || code === "srv-alias-target") return [];
  const lines = [...fix.bind.matchAll(/'update (add|delete) \S+ (?:\d+ )?SRV \d+ \d+ (\d+) (\S+)\.'/g)];
  const added = lines.filter(([, what]) => what === "add").map(([, , , target]) => target);
  return lines
    .filter(([, what, , target]) => what === "delete" && !added.includes(target))
    .map(([, , port, target = ""]) => ({ target, port: Number(port) }))
    .filter(() => code !== "lint-duplicate-record");
}

function looksAt({ target, port }: Gone, diagnoses: readonly Diagnosis[]): Diagnosis["verdict"][] {
  return diagnoses
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ endpoint }) => endpoint.host === target && endpoint.port === port)
    .flatMap(({ verdict, attempts }) => [verdict, ...attempts.map((attempt) => attempt.verdict)]);
}

const seenFrom = (source: string, make: typeof isServing) => ({
  ...zone([listed(1, isServing), listed(2, make)]),
  source,
});

const told = (...targets: Parameters<typeof judgeAll>[0][number][]): Finding[] =>
  judgeAll(targets, CLIENT_TIMEOUT_MS).flatMap(({ findings }) =>
    findings.filter(({ code }) => code === "lint-not-answering"),
  );

describe("a host that is listed and does not serve", () => {
  it("has no command where it may only be filtered", () => {
    const [finding, ...rest] = told(seenFrom("hq0", isSilent));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      next: "See its verdict, and leave DNS alone: the record is right as long as the host is meant to serve",
      fix: { windows: null, bind: null },
    });
  });

  it("is no finding where another source is served", () => {
    expect(told(seenFrom("hq0", isServing), seenFrom("vpn0", isSilent))).toEqual([]);
    expect(told(seenFrom("vpn0", isAnother), seenFrom("hq0", isServing))).toEqual([]);
  });

  it("may go where every source sees for certain that another service has its port", () => {
    for (const { fix, next } of told(seenFrom("hq0", isAnother), seenFrom("vpn0", isAnother))) {
      expect(next).toContain("not meant to be a KMS host, remove its record");
      expect(fix?.windows).toBe(
        "dnscmd /RecordDelete corp.example _vlmcs._tcp SRV 0 0 1688 kms2.corp.example. /f",
      );
    }
    expect(told(seenFrom("hq0", isAnother), seenFrom("vpn0", isAnother))).toHaveLength(2);
    // One source that only hears silence is doubt enough.
    expect(told(seenFrom("hq0", isAnother), seenFrom("vpn0", isSilent)).map(({ fix }) => fix?.bind)).toEqual([
      null,
      null,
    ]);
  });

  it("is no record left behind where another source finds an address for its name", () => {
    const host = listed(1, isServing);
    const none = { ...host, attempts: [], address: NO_ADDRESS };
    const known = { ...host, address: addresses(["10.1.0.1"], { lookups: [lookup(found(["10.1.0.1"]))] }) };
    const [there, here] = judgeAll(
      [
        { ...zone([known]), source: "hq0" },
        { ...zone([none]), source: "vpn0" },
      ],
      CLIENT_TIMEOUT_MS,
    );
    expect(there?.verdict.serves).toBe(true);
    expect(here?.findings).toEqual([]);
    expect(here?.verdict).toMatchObject({
      code: "address-none",
      causes: ["split DNS: what this source is told lacks the host's address, or hides it"],
    });
    expect(here?.verdict.refuted.map(({ because }) => because)).toEqual(
      here?.verdict.refuted.map(() => "/diagnoses/0/endpoints/0/address"),
    );
    expect(here?.verdict.next.map(({ text }) => text).join()).not.toMatch(REMOVES);
    // By itself it is what it always was.
    const [alone] = judgeAll([domain(zone([none]).srv, [none])], CLIENT_TIMEOUT_MS);
    expect(alone?.findings.map(({ code }) => code)).toEqual(["lint-dangling-target"]);
  });
});
