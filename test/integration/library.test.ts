/** The library as it is published: every command's report as a value, and each option refused by its name. */
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, compare, explain, sweep, UsageError, verify } from "../../dist/lib/library.js";
import type { SweepLine } from "../../dist/lib/library.js";
import { comparisonSchema } from "../../src/compare/comparison.ts";
import { explanationSchema } from "../../src/explain/model.ts";
import { sweepLineSchema } from "../../src/sweep/model.ts";
import { verificationSchema } from "../../src/verify/model.ts";
import { refusedPlace } from "./servers/free-port.ts";
import { peer, placeOf } from "./support/serving.ts";

let folder = "";
let refused = "";

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), "kmsprobe-library-"));
  refused = await refusedPlace();
});

afterAll(async () => {
  await fs.rm(folder, { recursive: true });
});

async function linesOf(options: Parameters<typeof sweep>[0]): Promise<SweepLine[]> {
  const lines: SweepLine[] = [];
  for await (const line of sweep(options)) lines.push(line);
  return lines;
}

describe("check", () => {
  it("looks at addresses of the family that settings name, and lists the others", async () => {
    const serving = await peer();
    const { diagnoses } = await check({ hosts: [placeOf(serving)], settings: { count: 0, family: 6 } });
    expect(diagnoses[0]?.endpoints[0]).toMatchObject({
      address: { addresses: [], leftOut: [serving.address] },
      attempts: [],
    });
  });

  it("names the option that is wrong, not the flag", async () => {
    await expect(check({ networks: ["hq"] })).rejects.toThrow("networks 'hq' is not NAME=SUBNET");
  });
});

describe("sweep", () => {
  it("yields the lines of a sweep, from its start to its end", async () => {
    const serving = await peer();
    const lines = await linesOf({ targets: [serving.address], ports: [serving.port], count: 0 });
    for (const line of lines) expect(sweepLineSchema.parse(line)).toEqual(line);
    expect(lines.map(({ type }) => type)).toEqual(["start", "endpoint", "measured", "end"]);
    expect(lines[1]).toMatchObject({ verdict: { code: "rpc-serves", serves: true } });
  });

  it("ends where nobody reads on", async () => {
    for await (const line of sweep({ targets: ["127.0.7.0/24"], ports: [1], rate: 20 })) {
      expect(line.type).toBe("start");
      break;
    }
  });

  it("touches no more than is said to be meant", async () => {
    await expect(linesOf({ targets: ["10.0.0.0/8"] })).rejects.toThrow("say so with allowLarge");
    await expect(linesOf({ targets: ["8.8.8.8"] })).rejects.toThrow("say so with allowPublic");
  });
});

describe("verify", () => {
  it("judges a policy, with its variables", async () => {
    const serving = await peer();
    const file = join(folder, "policy.yaml");
    await fs.writeFile(
      file,
      `version: 1\nvariables: { host: nowhere.test }\nexpect:\n  - serve: { hosts: "\${host}" }\n`,
    );
    const held = await verify({ file, set: { host: placeOf(serving) } });
    expect(verificationSchema.parse(held)).toEqual(held);
    expect(held.outcome).toBe("met");
    expect((await verify({ file, set: { host: refused } })).outcome).toBe("failed");
    await expect(verify({ file, set: { hots: "x" } })).rejects.toThrow(/^set hots: .* has no variable/);
    await expect(verify({ file, place: "hq" })).rejects.toThrow("it has no places, and place names 'hq'");
    await expect(verify({ file: join(folder, "none.yaml") })).rejects.toThrow(UsageError);
  });
});

describe("compare", () => {
  it("lays reports side by side that check made", async () => {
    const serving = await peer();
    const [here, there] = await Promise.all([
      check({ hosts: [placeOf(serving)], settings: { count: 0 } }),
      check({ hosts: [refused], settings: { count: 0 } }),
    ]);
    const compared = await compare({ reports: [here, there], labels: ["here", "there"] });
    expect(comparisonSchema.parse(compared)).toEqual(compared);
    expect(compared.places.map(({ label }) => label)).toEqual(["here", "there"]);
    await expect(compare({ reports: [here] })).rejects.toThrow("one report from one place");
    const reports = [here, there];
    await expect(compare({ reports, networks: ["hq"] })).rejects.toThrow("networks 'hq' is not NAME=SUBNET");
  });
});

describe("explain", () => {
  it("says what codes and texts prove", async () => {
    const explained = await explain({ codes: ["0xC004F074"], texts: ["Error: 0x8007232B"] });
    expect(explanationSchema.parse(explained)).toEqual(explained);
    expect(explained.codes.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["0xC004F074", "0x8007232B"]),
    );
    await expect(explain({ codes: ["KMS"] })).rejects.toThrow("codes: 'KMS' is no HRESULT");
  });
});

describe("an option that is none", () => {
  const CALLS: Readonly<Record<string, (options: unknown) => Promise<unknown>>> = {
    check: (options) => Reflect.apply(check, null, [options]),
    compare: (options) => Reflect.apply(compare, null, [options]),
    explain: (options) => Reflect.apply(explain, null, [options]),
    verify: (options) => Reflect.apply(verify, null, [options]),
    sweep: (options) => Reflect.apply(linesOf, null, [options]),
  };

  it.each([
    ["check", { domain: ["x"] }, "there is no option domain: did you mean domains?"],
    ["sweep", { target: ["x"] }, "there is no option target: did you mean targets?"],
    ["sweep", { targets: "10.0.0.1" }, "targets is to be a list of strings, and not '10.0.0.1'"],
    ["sweep", { targets: [], shard: { index: 3, count: 2 } }, "shard is to be { index, count }"],
    ["sweep", { targets: [], timeout: 5 }, "there is no option timeout: did you mean timeoutMs?"],
    ["verify", { policy: "x" }, "there is no option policy: there are file, place"],
    ["verify", {}, "file is to be the policy's file: it was left out"],
    ["verify", { file: "x", set: { a: 1 } }, "set is to be an object of strings, and not this object"],
    ["compare", { reports: [] }, "reports is to be a list of reports, and not this list"],
    ["compare", {}, "reports is to be a list of reports: it was left out"],
    ["compare", { reports: [{}, {}] }, "reports[0] is JSON, but no report"],
    ["explain", { code: ["0x1"] }, "there is no option code: did you mean codes?"],
    ["explain", null, "the options are to be an object, such as { codes:"],
  ])("%s(%j) is refused by its name", async (call, options, message) => {
    const made = CALLS[call]?.(options);
    await expect(made).rejects.toThrow(message);
    await expect(made).rejects.toBeInstanceOf(UsageError);
  });
});
