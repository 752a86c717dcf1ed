import dns from "node:dns";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { completeRequest } from "../../../src/run/request.ts";
import type { CheckOptions } from "../../../src/run/request.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

/** Explicit in all that would otherwise come from this machine. */
const RESOLVERS = ["10.0.0.53", "[fd00::53]:5353"];

function completed(options: CheckOptions): ReturnType<typeof completeRequest> {
  return completeRequest({ resolvers: RESOLVERS, ...options });
}

/** Those that a look has, many of which come every second. */
async function resolversOf(options: CheckOptions): Promise<string[]> {
  const { resolvers } = await completeRequest(options, undefined, "left");
  return resolvers.map(({ address }) => address);
}

describe("a request", () => {
  const named = {
    hosts: ["kms-old.corp.example:1700", "no host at all"],
    domains: ["corp.example", "no domain"],
    resolvers: ["10.9.0.53", "nobody"],
    by: "ticket.txt",
  };

  it("has what was named elsewhere beside the rest, and passes over what can't be understood", async () => {
    expect(await completed({ named })).toMatchObject({
      domains: [{ domain: "corp.example", source: "ticket.txt" }],
      hosts: { endpoints: [{ host: "kms-old.corp.example", port: 1700 }], source: "ticket.txt" },
      noSuffix: null,
      resolvers: [{ address: "10.0.0.53" }, { address: "fd00::53" }],
      suffixes: ["corp.example"],
    });
    const beside = await completed({ named, domains: ["corp.example", "dev.example"], hosts: ["kms1"] });
    expect(beside.domains.map(({ source }) => source)).toEqual(["the command line", "the command line"]);
    expect(beside.hosts?.endpoints.map(({ host }) => host)).toEqual(["kms1", "kms-old.corp.example"]);
  });

  it("asks the resolvers that were named elsewhere before this machine's, where the user names none", async () => {
    const { resolvers } = await completeRequest({ named, domains: ["corp.example"] });
    expect(resolvers[0]).toEqual({ address: "10.9.0.53", port: 53 });
  });

  it("leaves this machine's resolvers unread for who wants that, where no name is looked up", async () => {
    const spy = vi.spyOn(dns, "getServers").mockReturnValue(["10.7.0.53"]);
    onTestFinished(() => spy.mockRestore());
    const hosts = ["10.0.0.1", "[fd00::1]:1700"];
    expect(await resolversOf({ hosts })).toEqual([]);
    expect(await resolversOf({ hosts: ["10.0.0.1", "kms1.corp.example"] })).toContain("10.7.0.53");
    expect(await resolversOf({ hosts, domains: ["corp.example"] })).toContain("10.7.0.53");
    expect(await resolversOf({ hosts, settings: { clock: true } })).toContain("10.7.0.53");
    expect(await resolversOf({ hosts, resolvers: RESOLVERS })).toEqual(["10.0.0.53", "fd00::53"]);
    expect((await completeRequest({ hosts })).resolvers).toMatchObject([{ address: "10.7.0.53" }]);
  });

  it("is discovery alone where only domains are named", async () => {
    expect(await completed({ domains: ["Corp.Example.", "_vlmcs._tcp.dev.example"] })).toMatchObject({
      domains: [
        { domain: "corp.example", source: "the command line" },
        { domain: "dev.example", source: "the command line" },
      ],
      noSuffix: null,
      hosts: null,
      resolvers: [
        { address: "10.0.0.53", port: 53 },
        { address: "fd00::53", port: 5353 },
      ],
      suffixes: ["corp.example", "dev.example"],
    });
  });

  it("runs no discovery where hosts are named and no domain", async () => {
    expect(await completed({ hosts: ["kms1.corp.example", "[fd00::1]:1700"] })).toMatchObject({
      domains: [],
      noSuffix: null,
      hosts: {
        endpoints: [
          { host: "kms1.corp.example", port: 1688 },
          { host: "fd00::1", port: 1700 },
        ],
        source: "the command line",
      },
    });
  });

  it("is both where both are named", async () => {
    const request = await completed({ hosts: ["10.0.0.1"], domains: ["corp.example"] });
    expect(request.domains.map(({ domain }) => domain)).toEqual(["corp.example"]);
    expect(request.hosts?.endpoints).toEqual([{ host: "10.0.0.1", port: 1688 }]);
  });

  it("tries a name without a dot under the domains that were named", async () => {
    const request = await completed({ hosts: ["kms1"], domains: ["corp.example"] });
    expect(request.suffixes).toEqual(["corp.example"]);
  });

  it("adds the hosts of files after those of the line", async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-request-"));
    const file = path.join(folder, "hosts.txt");
    await fs.writeFile(file, "10.0.0.2\n10.0.0.1\n10.0.0.3:1\n");
    const request = await completed({ hosts: ["10.0.0.1"], files: [file], port: 1700 });
    await fs.rm(folder, { recursive: true });
    expect(request.hosts?.endpoints).toEqual([
      { host: "10.0.0.1", port: 1700 },
      { host: "10.0.0.2", port: 1700 },
      { host: "10.0.0.3", port: 1 },
    ]);
  });

  it("asks and probes nothing twice", async () => {
    const request = await completeRequest({
      hosts: ["10.0.0.1", "10.0.0.1:1688", "10.0.0.1:1700", "KMS.example", "kms.example."],
      domains: ["corp.example", "CORP.example."],
      resolvers: ["10.0.0.53", "10.0.0.53:53"],
    });
    expect(request.hosts?.endpoints).toEqual([
      { host: "10.0.0.1", port: 1688 },
      { host: "10.0.0.1", port: 1700 },
      { host: "kms.example", port: 1688 },
    ]);
    expect(request.domains).toHaveLength(1);
    expect(request.resolvers).toEqual([{ address: "10.0.0.53", port: 53 }]);
  });

  it("takes the defaults for what is left out, and keeps what is said", async () => {
    expect(await completed({ domains: ["corp.example"] })).toMatchObject({
      settings: DEFAULT_SETTINGS,
      concurrency: "auto",
    });
    const settings = { timeoutMs: 1, require: "all" } as const;
    expect(await completed({ domains: ["corp.example"], settings, concurrency: 1 })).toMatchObject({
      settings: { ...DEFAULT_SETTINGS, ...settings },
      concurrency: 1,
    });
  });

  it.each<CheckOptions>([
    { hosts: ["kms 1"] },
    { domains: [".."] },
    { resolvers: ["dns_1.corp/example"] },
    { files: ["/nowhere/hosts.txt"] },
    { concurrency: 0 },
    { concurrency: 1.5 },
    { port: 0 },
    { port: 65_536 },
  ])("can't be made of %j", async (options) => {
    await expect(completed(options)).rejects.toBeInstanceOf(UsageError);
  });
});

describe("the defaults", () => {
  it("wait longer than an unanswered neighbour query takes to show, 3.06 s", () => {
    expect(DEFAULT_SETTINGS.timeoutMs).toBeGreaterThanOrEqual(3_500);
  });

  it("wait longer than a service that is just starting, 3 s", () => {
    expect(DEFAULT_SETTINGS.rpcTimeoutMs).toBe(5_000);
  });

  it("try a silent connect once more, and take three samples", () => {
    expect([DEFAULT_SETTINGS.retries, DEFAULT_SETTINGS.count]).toEqual([1, 3]);
  });

  it("assume of a client the 21 s of Windows 7", () => {
    expect(DEFAULT_SETTINGS.clientTimeoutMs).toBe(21_000);
  });

  it("leave room in an address's deadline for every connect and both binds", () => {
    const { timeoutMs, retries, rpcTimeoutMs, deadlineMs } = DEFAULT_SETTINGS;
    expect(deadlineMs).toBeGreaterThan(2 * (timeoutMs * (retries + 1) + rpcTimeoutMs));
  });
});

describe("the zone of a link-local address", () => {
  it.each([{ hosts: ["fe80::1%nosuch0"] }, { resolvers: ["fe80::1%nosuch0"], domains: ["corp.example"] }])(
    "that is no interface is refused, since newer Nodes ask another link: %j",
    async (options) => {
      const refused = await completed(options).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UsageError);
      expect(String(refused)).toMatch(
        /'fe80::1%nosuch0': nosuch0 is no interface of this machine \(it has .*lo/,
      );
    },
  );

  it("that is an interface stands", async () => {
    const [name = ""] = Object.keys(os.networkInterfaces());
    const request = await completed({ hosts: [`fe80::1%${name}`] });
    expect(request.hosts?.endpoints).toEqual([{ host: `fe80::1%${name}`, port: 1688 }]);
  });
});
