/** Names of one machine: how they are grouped, and that they count once. */
import { describe, expect, it } from "vitest";
import { countMachines, groupsByAddress } from "../../../src/verdict/same-address.ts";
import { mayBeMet } from "../../../src/verdict/checked.ts";
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
    const found = groupsByAddress(diagnosed(hosts), () => true);
    expect(found.map((each) => each.map(({ endpoint }) => endpoint.host.split(".")[0]))).toEqual(groups);
  });

  it("at an address that does not serve are two machines", () => {
    const [one, two] = [host(1, [1, 9]), host(2, [2, 9])].map((each) => ({
      ...each,
      attempts: each.attempts.map((attempt) =>
        attempt.address === "10.1.0.9" ? b.isRefused({ address: "10.1.0.9" }) : attempt,
      ),
    }));
    expect(countMachines(diagnosed([one, two].flatMap((each) => each ?? [])))).toBe(2);
  });
});

describe("what is required", () => {
  const twins = [host(1, [1]), host(2, [1])];
  it.each([
    [2, twins, false],
    [2, [...twins, host(3, [3])], true],
    [3, [...twins, host(3, [3])], false],
    ["any", twins, true],
    ["all", twins, true],
  ] as const)("%s of %#: names of one address count once for a number", (require, hosts, met) => {
    const diagnoses = [run(hosts)];
    const { requirement } = judgeRun(diagnoses, require);
    expect(requirement).toMatchObject({ serving: hosts.length, listed: hosts.length, met });
    expect(requirement.bySource[0]?.machines).toBe(
      typeof require === "number" ? hosts.length - 1 : undefined,
    );
    // Nothing was left open: it is not met, and can't be.
    if (!met) expect(mayBeMet({ requirement, diagnoses })).toBe(false);
  });

  it("is told of machines only where they are fewer", () => {
    expect(judgeRun([run([host(1, [1]), host(2, [2])])], 2).requirement.bySource[0]).not.toHaveProperty(
      "machines",
    );
  });
});
