/** What goes into a command line, and what never does. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeAll } from "../../../src/verdict/judge.ts";
import { fixOf, placeOf, ttlFix } from "../../../src/verdict/lint/fix.ts";
import { HOSTILE } from "./arbitrary.ts";
import {
  CLIENT_TIMEOUT_MS,
  denies,
  domain,
  isServing,
  isSilent,
  listed,
  lists,
  record,
  resolver,
  says,
} from "./builders.ts";
import { runs } from "../runs.ts";
import { anyString } from "../any-string.ts";

const PLACE = placeOf("_vlmcs._tcp.corp.example");
const NO_FIX = { windows: null, bind: null };

describe("the place of a name", () => {
  it.each([
    ["_vlmcs._tcp.corp.example", { zone: "corp.example", node: "_vlmcs._tcp" }],
    ["_vlmcs._udp.corp.example", { zone: "corp.example", node: "_vlmcs._udp" }],
    ["_vlmcs._tcp.", null],
    ["kms.corp.example", null],
    ["_vlmcs._tcp.-rf.example", null],
    ["_vlmcs._tcp.$(reboot).example", null],
  ])("of %s is %j", (name, place) => {
    expect(placeOf(name)).toEqual(place);
  });
});

describe("the place of a name in a zone that DNS names", () => {
  it.each([
    ["above the domain", "lab.test", { zone: "lab.test", node: "_vlmcs._tcp.sub" }],
    ["of the domain itself", "sub.lab.test", { zone: "sub.lab.test", node: "_vlmcs._tcp" }],
    ["below the domain", "_tcp.sub.lab.test", { zone: "_tcp.sub.lab.test", node: "_vlmcs" }],
    ["of the name itself", "_vlmcs._tcp.sub.lab.test", { zone: "_vlmcs._tcp.sub.lab.test", node: "@" }],
    ["that is another's", "other.test", { zone: "sub.lab.test", node: "_vlmcs._tcp" }],
    ["that ends alike", "ab.test", { zone: "sub.lab.test", node: "_vlmcs._tcp" }],
    ["unfit for a command", "$(reboot).test", { zone: "sub.lab.test", node: "_vlmcs._tcp" }],
  ])("%s", (_, zone, place) => {
    expect(placeOf("_vlmcs._tcp.sub.lab.test", zone)).toEqual(place);
    const { bind } = fixOf(placeOf("_vlmcs._tcp.sub.lab.test", zone), { add: [record("kms1.lab.test")] });
    expect(bind).toContain("'update add _vlmcs._tcp.sub.lab.test. 3600 SRV");
  });
});

describe("a fix", () => {
  it.each([...HOSTILE, "a;b.example", "a'b.example", "-f.example", "a b", "."])(
    "is none where the target is %j",
    (target) => {
      expect(fixOf(PLACE, { remove: [record(target)] })).toEqual(NO_FIX);
      expect(fixOf(PLACE, { add: [record("kms1.corp.example")], remove: [record(target)] })).toEqual(NO_FIX);
      expect(ttlFix(PLACE, [record(target)])).toEqual(NO_FIX);
    },
  );

  it("is none without a place, or with nothing to change", () => {
    expect(fixOf(null, { remove: [record("kms1.corp.example")] })).toEqual(NO_FIX);
    expect(ttlFix(null, [record("kms1.corp.example")])).toEqual(NO_FIX);
    expect(fixOf(PLACE, {})).toEqual(NO_FIX);
  });

  it("puts in before it takes out, so that the name is never without a host", () => {
    const { windows, bind } = fixOf(PLACE, { add: [record("new.example")], remove: [record("old.example")] });
    expect(windows?.indexOf("new.example")).toBeLessThan(windows?.indexOf("old.example") ?? 0);
    expect(bind?.indexOf("new.example")).toBeLessThan(bind?.indexOf("old.example") ?? 0);
  });

  it("writes every name in full, with one final dot", () => {
    const { windows } = fixOf(placeOf("_vlmcs._tcp.Corp.Example."), {
      remove: [record("KMS1.corp.example.")],
    });
    expect(windows).toBe("dnscmd /RecordDelete corp.example _vlmcs._tcp SRV 0 0 1688 kms1.corp.example. /f");
  });
});

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("kms1.corp.example", "a.b.a.b", "10.0.0.1", "fd00::1", "a.b") },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE, "a'b", "a;b.example", "$(x).example") },
  { weight: 1, arbitrary: anyString({ maxLength: 12 }) },
);
const u16 = fc.constantFrom(0, 1, 10, 65_535);
const records = fc.array(
  fc.record({
    target: name,
    priority: u16,
    weight: u16,
    port: fc.constantFrom(1688, 1700),
    ttlSeconds: fc.constantFrom(0, 600, 2_147_483_647),
  }),
  { maxLength: 6 },
);

/** Zones in which much is wrong, some of it on purpose. */
const badZone = fc
  .record({
    named: name,
    answers: fc.array(records, { maxLength: 2 }),
    twin: records,
    alias: fc.option(name),
  })
  .map(({ named, answers, twin, alias }) => {
    const asked = `_vlmcs._tcp.${named}`;
    const srv = answers.map((each, index) => {
      const aliases = alias === null ? [] : [`_vlmcs._tcp.${alias}`];
      return each.length > 0
        ? says(lists(each, { aliases }), { name: asked, resolver: resolver(53 + index) })
        : says(denies("NXDOMAIN"), { name: asked, resolver: resolver(53 + index) });
    });
    const endpoints = answers.flat().map(({ target, port }, index) => {
      const make = index % 2 === 0 ? isSilent : isServing;
      return { ...listed(1, make), endpoint: { host: target, port } };
    });
    return domain(srv, endpoints, { named, udpTwin: [says(lists(twin), { name: `_vlmcs._udp.${named}` })] });
  });

const NAME = "[a-z0-9_.-]+";
const CHANGE = `dnscmd /Record(Add|Delete) ${NAME} _vlmcs\\._(tcp|udp) (3600 )?SRV \\d+ \\d+ \\d+ [a-z0-9_.:-]+\\.( /f)?`;
const WINDOWS = new RegExp(
  `^(${CHANGE}(; |$))+$|^Get-DnsServerResourceRecord -ZoneName ${NAME} -Name _vlmcs\\._tcp -RRType Srv \\| % \\{ [^']*\\}$`,
);
const LINE = `'update (add|delete) _vlmcs\\._(tcp|udp)\\.${NAME}\\. (3600 )?SRV \\d+ \\d+ \\d+ [a-z0-9_.:-]+\\.'`;
const BIND = new RegExp(`^printf '%s\\\\n' (${LINE} )+send \\| nsupdate -l$`);

describe("the fixes of a zone in which much is wrong", () => {
  it("are harmless, one line long, and there wherever names allow", () => {
    let seen = 0;
    fc.assert(
      fc.property(fc.array(badZone, { maxLength: 2 }), (targets) => {
        const diagnoses = judgeAll(targets, CLIENT_TIMEOUT_MS);
        for (const { fix, code } of diagnoses.flatMap((diagnosis) => diagnosis.findings)) {
          if (fix === null) expect(code).not.toMatch(/^lint-/);
          if (fix === null) continue;
          expect(fix.windows ?? "dnscmd /RecordAdd a _vlmcs._tcp SRV 0 0 0 a.").toMatch(WINDOWS);
          expect(
            fix.bind ?? "printf '%s\\n' 'update delete _vlmcs._tcp.a. SRV 0 0 0 a.' send | nsupdate -l",
          ).toMatch(BIND);
          if (fix.bind !== null) seen += 1;
        }
      }),
      { seed: 2136, numRuns: runs(1_000) },
    );
    expect(seen).toBeGreaterThan(runs(500));
  });
});
