/** A clean zone never warns: any number of hosts up to three, priorities, weights, TTLs and resolvers that are in order. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { SrvRecord } from "../../../src/model/dns.ts";
import type { EndpointEvidence, Evidence } from "../../../src/model/evidence.ts";
import { judge } from "../../../src/verdict/judge.ts";
import { withSiblingFindings } from "../../../src/verdict/findings/siblings.ts";
import {
  addresses,
  CLIENT_TIMEOUT_MS,
  denies,
  domain,
  endpoint,
  found,
  isServing,
  lists,
  lookup,
  record,
  resolver,
  says,
} from "./builders.ts";
import { runs } from "../runs.ts";

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const suffix = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));

/** Priorities as they come; within one of them all weights are 0, or none is. */
const order = fc.record({
  priorities: fc.array(fc.nat(65_535), { minLength: 3, maxLength: 3 }),
  weights: fc.oneof(
    fc.constant([0, 0, 0]),
    fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 3, maxLength: 3 }),
  ),
});

const cleanZone: fc.Arbitrary<Evidence> = fc
  .record({
    named: suffix,
    /** Hosts stand in the domain, or in another one. */
    elsewhere: fc.option(suffix),
    hosts: fc.uniqueArray(label, { minLength: 1, maxLength: 3 }),
    order,
    ttlSeconds: fc.integer({ min: 60, max: 86_400 }),
    resolvers: fc.integer({ min: 1, max: 3 }),
    /** A cache shows what is left of the TTL. */
    cached: fc.option(fc.nat(86_400)),
    twin: fc.constantFrom(denies("NXDOMAIN"), denies("NOERROR", { nodata: true })),
    suffixFrom: fc.constantFrom("the command line", "/etc/resolv.conf (search)"),
  })
  .map(({ named, elsewhere, hosts, order: { priorities, weights }, resolvers, twin, ...more }) => {
    const targets = hosts.map((host) => `${host}.${elsewhere ?? named}`);
    const recordsOf = (ttlSeconds: number): SrvRecord[] =>
      targets.map((target, index) =>
        record(target, { priority: priorities[index] ?? 0, weight: weights[index] ?? 0, ttlSeconds }),
      );
    const asked = Array.from({ length: resolvers }, (_, index) => resolver(53 + index));
    const name = `_vlmcs._tcp.${named}`;
    const srv = asked.map((each, index) => {
      const isCache = index > 0 && more.cached !== null;
      const records = recordsOf(isCache ? (more.cached ?? 0) : more.ttlSeconds);
      // The order of the records in an answer means nothing.
      const shown = index % 2 === 0 ? records : records.toReversed();
      return says(lists(shown, { authoritative: !isCache }), { resolver: each, name });
    });
    const udpTwin = asked.map((each) => says(twin, { resolver: each, name: `_vlmcs._udp.${named}` }));
    return domain(srv, targets.map(serving), { named, udpTwin, suffixFrom: more.suffixFrom });
  });

function serving(host: string, index: number): EndpointEvidence {
  const address = `10.1.0.${index + 1}`;
  return endpoint([isServing({ address })], {
    endpoint: { host, port: 1688 },
    listedBy: [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }],
    address: addresses([address], { lookups: [lookup(found([address]), { name: host })] }),
  });
}

it("a clean zone has no finding at all", () => {
  fc.assert(
    fc.property(cleanZone, (evidence) => {
      expect(judge(evidence, CLIENT_TIMEOUT_MS).findings).toEqual([]);
    }),
    { seed: 2782, numRuns: runs(1_000) },
  );
});

it("nor have several, beside a suffix of a search list without hosts; of that one a note says whom it hits", () => {
  const run = fc.record({ zones: fc.array(cleanZone, { maxLength: 3 }), empty: suffix });
  fc.assert(
    fc.property(run, ({ zones, empty }) => {
      const nothing = domain([says(denies("NXDOMAIN"))], [], {
        named: empty,
        suffixFrom: "/etc/resolv.conf",
      });
      const diagnoses = [...zones, nothing].map((each) => judge(each, CLIENT_TIMEOUT_MS));
      const told = withSiblingFindings(diagnoses).map(({ findings }) =>
        findings.map(({ code, severity }) => [code, severity]),
      );
      const others = zones.filter(({ target }) => target.kind === "domain" && target.domain !== empty);
      expect(told.slice(0, -1).flat()).toEqual([]);
      expect(told.at(-1)).toEqual(others.length > 0 ? [["lint-missing-in-domain", "note"]] : []);
    }),
    { seed: 2783, numRuns: runs(300) },
  );
});
