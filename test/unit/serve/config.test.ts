import { describe, expect, it } from "vitest";
import { defaultConfig, parseScrapeTimeout, readServeConfig } from "../../../src/serve/config.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

const read = (text: string) => readServeConfig(text, "serve.yaml");

function complaint(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "none";
}

describe("serve.yaml", () => {
  it("may be as short as its version: then nothing is looked at, and nothing may be asked for", () => {
    expect(read("version: 1\n")).toEqual({ ...defaultConfig(), file: "serve.yaml" });
    expect(defaultConfig()).toMatchObject({ place: "", targets: [], allow: [], minIntervalMs: 10_000 });
    expect([...defaultConfig().modules.keys()]).toEqual(["kms"]);
  });

  it("holds targets, modules and what may be asked for", () => {
    const config = read(`
version: 1
place: head office
modules:
  branch: { resolvers: 10.0.0.53, require: 2@any, timeout: 1s, retries: 0, max-time: 9s, source: [eth0, wg0] }
targets:
  - target: corp.example
    interval: 5m
  - { target: "kms1.corp.example:1700", module: branch, interval: 3s }
allow: [corp.example, 10.0.0.0/8]
min-interval: 30s
`);
    expect(config.place).toBe("head office");
    expect(
      config.targets.map(({ target, module, intervalMs }) => [target.text, module.name, intervalMs]),
    ).toEqual([
      ["corp.example", "kms", 300_000],
      // No sooner than the minimum.
      ["kms1.corp.example:1700", "branch", 30_000],
    ]);
    expect(config.modules.get("branch")).toEqual({
      name: "branch",
      resolvers: ["10.0.0.53:53"],
      sources: ["eth0", "wg0"],
      settings: {
        require: 2,
        requireAt: "any",
        timeoutMs: 1_000,
        rpcTimeoutMs: 3_000,
        dnsTimeoutMs: 2_000,
        retries: 0,
      },
      concurrency: undefined,
      maxTimeMs: 9_000,
    });
  });

  it.each([
    ["place: x\n", "serve.yaml:1:1: 'version' is missing here: write 1: the version of this format"],
    ["version: 1\ntargest: []\n", "serve.yaml:2:1: there is no key 'targest' here: did you mean 'targets'?"],
    [
      "version: 1\ntargets:\n  - target: corp.example\n    module: kmz\n",
      "serve.yaml:4:13: there is no module 'kmz': did you mean 'kms'?",
    ],
    [
      "version: 1\ntargets:\n  - target: corp.example\n  - target: Corp.Example\n",
      "serve.yaml:4:13: 'corp.example' stands here a second time with the same module",
    ],
    [
      "version: 1\ntargets: [{ target: '10.0.0.1:99999' }]\n",
      "serve.yaml:2:21: '10.0.0.1:99999' has no port from 1 to 65535 after its colon",
    ],
    ["version: 1\nallow: ['a b']\n", /^serve\.yaml:2:9: 'a b' is more than one entry/],
    ['version: 1\nplace: "a\\nb"\n', /^serve\.yaml:2:8: write a name for where this runs/],
    [
      "version: 1\n---\nversion: 1\n",
      /^serve\.yaml:2:1: a second document begins here: a configuration is one/,
    ],
  ])("tells %j by its line", (text, words) => {
    expect(complaint(text)).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
  });
});

describe("the time limit of a scrape", () => {
  it.each([
    ["10", 10_000],
    ["0.4", 400],
    ["9.5", 9_500],
    ["0", null],
    ["-1", null],
    ["NaN", null],
    ["Inf", null],
    ["1e3", null],
    ["", null],
    ["abc", null],
    [`1${"0".repeat(400)}`, null],
  ])("%s is %s ms", (header, ms) => {
    expect(parseScrapeTimeout(header)).toBe(ms);
  });
});
