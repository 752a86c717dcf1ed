/** Names of one machine: how they are grouped, and that they are told. */
import { describe, expect, it } from "vitest";
import { groupsByAddress } from "../../../src/verdict/same-address.ts";
import type { Diagnosis, EndpointDiagnosis } from "../../../src/model/diagnosis.ts";
import type { AttemptEvidence, EndpointEvidence } from "../../../src/model/evidence.ts";
import { judge, judgeRun } from "../../../src/verdict/judge.ts";
import * as b from "./builders.ts";

type Make = (over: Partial<AttemptEvidence>) => AttemptEvidence;

/** A host by its number, with these last bytes of addresses. */
function host(n: number, bytes: readonly number[], make: Make = b.isServing, port = 1688): EndpointEvidence {
  const attempts = bytes.map((last) => make({ address: `10.1.0.${last}` }));
  return { ...b.listed(n, make), endpoint: { host: `kms${n}.corp.example`, port }, attempts };
}

function run(hosts: readonly EndpointEvidence[]): Diagnosis {
  const records = hosts.map(({ endpoint: { host: target, port } }) => b.record(target, { port }));
  return judge(b.domain([b.says(b.lists(records))], [...hosts]), b.CLIENT_TIMEOUT_MS);
}

function diagnosed(hosts: readonly EndpointEvidence[]): EndpointDiagnosis[] {
  return run(hosts).endpoints;
}

describe("names that share an address", () => {
  it.each([
    ["each its own", [host(1, [1]), host(2, [2])], [["kms1"], ["kms2"]]],
    ["two of one", [host(1, [1]), host(2, [2]), host(3, [1])], [["kms2"], ["kms1", "kms3"]]],
    ["one that joins two", [host(1, [1]), host(2, [2]), host(3, [1, 2])], [["kms1", "kms2", "kms3"]]],
    [
      "another port is another service",
      [host(1, [1]), host(2, [1], b.isServing, 1700)],
      [["kms1"], ["kms2"]],
    ],
    ["none without an address", [host(1, []), host(2, [])], [["kms1"], ["kms2"]]],
  ] as const)("%s", (_, hosts, groups) => {
    const found = groupsByAddress(diagnosed(hosts));
    expect(found.map((each) => each.map(({ endpoint }) => endpoint.host.split(".")[0]))).toEqual(groups);
  });
});

describe("what is required", () => {
  it("is hosts by their names: two of one address are two, and the finding tells", () => {
    const diagnosis = run([host(1, [1]), host(2, [1])]);
    expect(judgeRun([diagnosis], 2).requirement).toMatchObject({ serving: 2, listed: 2, met: true });
    expect(diagnosis.findings.map(({ code }) => code)).toContain("lint-same-address");
  });
});
