/** A user's own defaults: which count, what is told of them, and what never takes them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { check } from "../../dist/lib/library.js";
import { startLineSchema, sweepReportSchema } from "../../src/sweep/model.ts";
import { verificationSchema } from "../../src/verify/model.ts";
import { needs } from "./servers/available.ts";
import { refusedPlace } from "./servers/free-port.ts";
import { run, runCheck } from "./support/kmsprobe.ts";

const { skip } = needs("linux");

let home = "";
let file = "";
/** Nobody listens there: a check is over at once. */
let refused = "";
let resolver = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  if (skip) return;
  home = await mkdtemp(join(tmpdir(), "kmsprobe-config-"));
  await mkdir(join(home, "kmsprobe"));
  file = join(home, "kmsprobe", "config.yaml");
  env = { XDG_CONFIG_HOME: home };
  refused = await refusedPlace();
  resolver = await refusedPlace();
  await writeFile(
    file,
    `# this office\nresolvers: ${resolver}\nnetworks: { lab: 127.0.0.0/8 }\nplace: vpn\ntimeout: 700ms\nretries: 0\ndns-timeout: 600ms\n`,
  );
});

afterAll(async () => {
  if (home !== "") await rm(home, { recursive: true });
});

const heldSchema = z.looseObject({
  file: z.looseObject({ path: z.string(), found: z.boolean() }).nullable(),
  settings: z.array(
    z.looseObject({ setting: z.string(), words: z.string(), from: z.string(), where: z.string().nullable() }),
  ),
});

async function held(more: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run(["config", "--json"], { env: { ...env, ...more } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { file: read, settings } = heldSchema.parse(JSON.parse(stdout));
  return { read, of: Object.fromEntries(settings.map((each) => [each.setting, each])) };
}

const colored = (text: string): boolean => text.includes("\u001b[");

describe.skipIf(skip)("a default of one's own", () => {
  test("counts less than a flag and than a variable, and more than what is built in; the report tells whose it is", async () => {
    const asked = ["-d", "corp.test", "--rpc-timeout", "3s"];
    const { report } = await runCheck(asked, { env: { ...env, KMSPROBE_DNS_TIMEOUT: "500ms" } });
    expect(report.diagnoses[0]?.srv.map(({ resolver: { address, port } }) => `${address}:${port}`)).toEqual([
      resolver,
    ]);
    expect(report.networks).toEqual([{ name: "lab", cidr: "127.0.0.0/8" }]);
    expect(report.settings).toMatchObject({
      timeoutMs: 700,
      retries: 0,
      dnsTimeoutMs: 500,
      rpcTimeoutMs: 3_000,
      deadlineMs: 40_000,
    });
    expect(report.defaults).toEqual([
      { setting: "resolvers", value: resolver, from: "file", where: `${file}:2` },
      { setting: "networks", value: "lab=127.0.0.0/8", from: "file", where: `${file}:3` },
      { setting: "timeout", value: "700 ms", from: "file", where: `${file}:5` },
      { setting: "retries", value: "0", from: "file", where: `${file}:6` },
      { setting: "dns-timeout", value: "500 ms", from: "environment", where: "KMSPROBE_DNS_TIMEOUT" },
    ]);
    const { stdout } = await run(["check", ...asked], { env });
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      `By ${file}: resolvers, networks, timeout, retries, dns-timeout.`,
    );
  });

  test("is no default where a flag stands, and --fast is one", async () => {
    const other = ["-r", "127.0.0.1:9", "--network", "x=10.0.0.0/8", "--retries", "2", "--dns-timeout", "1s"];
    const { report } = await runCheck(["-d", "corp.test", "--fast", ...other], { env });
    expect(report.diagnoses[0]?.srv.map(({ resolver: { port } }) => port)).toEqual([9]);
    expect(report.settings).toMatchObject({ timeoutMs: 1_000, retries: 2, dnsTimeoutMs: 1_000 });
    expect(report.networks.map(({ name }) => name)).toEqual(["x"]);
    expect(report).not.toHaveProperty("defaults");
  });

  test("is left out by --no-config, and that of a file by the null device", async () => {
    const without = await runCheck([refused, "--no-config"], { env: { ...env, KMSPROBE_TIMEOUT: "2s" } });
    expect(without.report.settings.timeoutMs).toBe(4_000);
    expect(without.report).not.toHaveProperty("defaults");
    const none = { ...env, KMSPROBE_CONFIG: "/dev/null", KMSPROBE_TIMEOUT: "2s" };
    const { report } = await runCheck([refused], { env: none });
    expect(report.settings).toMatchObject({ timeoutMs: 2_000, retries: 1 });
  });

  test("is of nobody who calls the library", async () => {
    const before = process.env["XDG_CONFIG_HOME"];
    process.env["XDG_CONFIG_HOME"] = home;
    process.env["KMSPROBE_TIMEOUT"] = "2s";
    try {
      expect((await check({ hosts: [refused] })).settings.timeoutMs).toBe(4_000);
    } finally {
      delete process.env["KMSPROBE_TIMEOUT"];
      if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
      else process.env["XDG_CONFIG_HOME"] = before;
    }
  });

  test("of colour is left to the words that every program heeds, and colours no file", async () => {
    const set = { ...env, KMSPROBE_COLOR: "always" };
    expect(colored((await run(["check", refused], { env: set })).stdout)).toBe(true);
    expect(colored((await run(["check", refused, "--color", "never"], { env: set })).stdout)).toBe(false);
    const always = join(home, "always.yaml");
    await writeFile(always, "color: always\n");
    const byFile = { KMSPROBE_CONFIG: always };
    expect(colored((await run(["check", refused], { env: byFile })).stdout)).toBe(true);
    expect(colored((await run(["check", refused], { env: { ...byFile, NO_COLOR: "1" } })).stdout)).toBe(
      false,
    );
    const to = join(home, "report.txt");
    expect((await run(["check", refused, "-o", to], { env: byFile })).code).toBe(1);
    expect(colored((await run(["config", "-o", "-"], { env: byFile })).stdout)).toBe(false);
  });

  test("is told before a sweep and a watch, which print before they have a report", async () => {
    const swept = await run(["sweep", refused, "-d", "corp.test", "--format", "text"], { env });
    expect(swept.stderr).toContain(`kmsprobe: resolvers ${resolver}, by ${file}:2\n`);
    expect(swept.stdout.replaceAll(/\s+/g, " ")).toContain(
      `no activation request was sent. By ${file}: resolvers.`,
    );
    const resolvers = { setting: "resolvers", value: resolver, from: "file", where: `${file}:2` };
    const json = await run(["sweep", refused, "-d", "corp.test", "--format", "json"], { env });
    expect(sweepReportSchema.parse(JSON.parse(json.stdout)).defaults).toEqual([resolvers]);
    const [start = ""] = (await run(["sweep", refused, "-d", "corp.test"], { env })).stdout.split("\n");
    expect(startLineSchema.parse(JSON.parse(start)).defaults).toEqual([resolvers]);
    const bare = await run(["sweep", refused, "--no-config", "--format", "json"], { env });
    expect(JSON.parse(bare.stdout)).not.toHaveProperty("defaults");
    const watched = await run(["watch", refused, "--rounds", "1", "--plain", "--log", "-"], { env });
    expect(watched.stderr).toContain(`kmsprobe: timeout 700 ms, by ${file}:5\n`);
    const [first = ""] = watched.stdout.split("\n");
    expect(JSON.parse(first)).toMatchObject({
      type: "start",
      defaults: expect.arrayContaining([
        { setting: "retries", value: "0", from: "file", where: `${file}:6` },
      ]),
    });
  });
});

describe.skipIf(skip)("a policy", () => {
  test("takes the place alone, where it has places", async () => {
    const policy = join(home, "policy.yaml");
    const expected = "expect:\n  - serve: {}\n    level: warning\n";
    await writeFile(policy, `version: 1\nhosts: ${refused}\nplaces:\n  vpn: {}\n  office: {}\n${expected}`);
    const verified = async (args: readonly string[]) => {
      const { stdout } = await run(["verify", policy, "--format", "json", ...args], { env });
      return verificationSchema.parse(JSON.parse(stdout));
    };
    const byFile = await verified([]);
    expect(byFile.policy.place).toBe("vpn");
    expect(byFile.defaults).toEqual([{ setting: "place", value: "vpn", from: "file", where: `${file}:4` }]);
    expect(byFile.report.settings).toMatchObject({ timeoutMs: 4_000, retries: 1 });
    expect(byFile.report.networks).toEqual([]);
    const byFlag = await verified(["--place", "office"]);
    expect(byFlag.policy.place).toBe("office");
    expect(byFlag).not.toHaveProperty("defaults");
    const { stdout } = await run(["verify", policy], { env });
    expect(stdout).toContain(`(place by ${file}:4)`);

    await writeFile(policy, `version: 1\nhosts: ${refused}\n${expected}`);
    const everywhere = await verified([]);
    expect(everywhere.policy.place).toBeNull();
    expect(everywhere).not.toHaveProperty("defaults");

    await writeFile(policy, `version: 1\nhosts: ${refused}\nplaces:\n  home: {}\n${expected}`);
    expect(await run(["verify", policy], { env })).toEqual({
      code: 2,
      stdout: "",
      stderr: `kmsprobe: ${policy} has no place 'vpn', which ${file}:4 names: choose one of home with --place\n`,
    });
  });
});

describe.skipIf(skip)("kmsprobe config", () => {
  test("says which file is read, and where each default comes from", async () => {
    const { read, of } = await held({ KMSPROBE_RETRIES: "3" });
    expect(read).toEqual({ path: file, found: true, fault: null });
    expect(of["timeout"]).toMatchObject({ words: "700 ms", from: "file", where: `${file}:5` });
    expect(of["retries"]).toMatchObject({ words: "3", from: "environment", where: "KMSPROBE_RETRIES" });
    expect(of["deadline"]).toMatchObject({ words: "40 s", from: "built-in", where: null });
    const { stdout } = await run(["config"], { env });
    expect(stdout.split("\n")[0]).toBe(`Configuration file: ${file}`);
    expect(stdout).toMatch(/^timeout +700 ms +line 5 +check, watch$/m);
    expect(stdout).toMatch(/^deadline +40 s +built in +check, watch$/m);
    expect(
      Math.max(
        ...stdout
          .split("\n")
          .slice(1)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100);
  });

  test("says that none is there, or that none is to be read", async () => {
    expect((await held({ XDG_CONFIG_HOME: join(home, "nowhere") })).read).toMatchObject({ found: false });
    const { stdout } = await run(["config"], { env: { XDG_CONFIG_HOME: join(home, "nowhere") } });
    expect(stdout).toMatch(/^Configuration file: \S+\/nowhere\/kmsprobe\/config\.yaml \(not there\)\n/);
    expect((await held({ KMSPROBE_CONFIG: "/dev/null" })).read).toBeNull();
    expect((await run(["config"])).stdout).toMatch(/^No configuration file is read\.\n/);
  });

  test.each([
    [
      "resolver: 10.0.0.53\n",
      /^kmsprobe: \S+bad\.yaml:1:1: there is no key 'resolver' here: did you mean 'resolvers'\? \(--no-config runs without it\)\n$/,
    ],
    [
      "timeout: soon\n",
      /^kmsprobe: \S+bad\.yaml:1:10: the time 'soon' is not a time: .+ \(--no-config runs without it\)\n$/,
    ],
  ])("and every other command end with one line where it can't be understood: %j", async (text, line) => {
    const bad = join(home, "bad.yaml");
    await writeFile(bad, text);
    for (const args of [["config"], ["check", refused], ["show", "nothing.json"], ["watch", refused]]) {
      const { code, stdout, stderr } = await run(args, { env: { KMSPROBE_CONFIG: bad } });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(line);
    }
    const without = await run(["check", refused, "-q", "--no-config"], { env: { KMSPROBE_CONFIG: bad } });
    expect(without).toEqual({ code: 1, stdout: "", stderr: "" });
  });

  test("a file that is named has to be there", async () => {
    const missing = join(home, "missing.yaml");
    expect(await run(["check", refused], { env: { KMSPROBE_CONFIG: missing } })).toEqual({
      code: 2,
      stdout: "",
      stderr: `kmsprobe: can't read the configuration that KMSPROBE_CONFIG names, ${missing} (ENOENT): there is no such file or folder: check the path\n`,
    });
  });
});
