/** One fact, one exit code, whichever command is asked: on a machine with no way anywhere, and on loopback. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "./servers/available.ts";
import { refusedPlace } from "./servers/free-port.ts";
import { run } from "./support/kmsprobe.ts";

const { skip } = needs("linux", "bash");
const { skip: skipAlone } = needs("linux", "bash", "root", "unshare");

let folder = "";
/** ADDRESS:PORT on loopback, where nobody listens. */
let refused = "";

const serve = (...hosts: string[]): string =>
  `version: 1\nexpect:\n  - serve: { hosts: [${hosts.map((host) => `'${host}'`).join(", ")}] }\n`;

beforeAll(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-exit-"));
  refused = await refusedPlace();
  await writeFile(join(folder, "resolv.conf"), "nameserver 10.0.0.53\n");
  await writeFile(join(folder, "far.yaml"), serve("10.0.0.5"));
  await writeFile(join(folder, "near.yaml"), serve(refused));
  await writeFile(
    join(folder, "listed.yaml"),
    "version: 1\nresolvers: 10.0.0.53\ndomains: corp.test\nexpect:\n  - serve: {}\n  - agree: {}\n",
  );
  await writeFile(join(folder, "half.yaml"), serve("10.0.0.5", "10.0.0.6"));
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

/** A machine of its own: no interface is up, so there is no route, and it knows no suffix. Nothing can leave it. */
const ALONE = [
  "unshare",
  "-n",
  "-m",
  "-u",
  "bash",
  "-c",
  'hostname bare; mount --bind resolv.conf /etc/resolv.conf; exec "$0" "$@"',
];

describe.skipIf(skipAlone)("what could not be checked is 3, whichever command is asked", () => {
  test.each<[string, string[]]>([
    ["check of a host", ["check", "10.0.0.5"]],
    ["check of two hosts, both required", ["check", "10.0.0.5", "10.0.0.6", "--require", "all"]],
    ["check of a domain", ["check", "-d", "corp.test", "-r", "10.0.0.53"]],
    ["check of a name", ["check", "kms1.corp.test", "-r", "10.0.0.53"]],
    ["check without a suffix", ["check"]],
    ["sweep", ["sweep", "10.0.0.0/29", "--retries", "0", "--format", "json"]],
    ["sweep of a name", ["sweep", "kms1.corp.test", "10.0.0.5", "-r", "10.0.0.53"]],
    ["watch", ["watch", "10.0.0.5", "--rounds", "1", "--plain"]],
    ["watch of a domain", ["watch", "-d", "corp.test", "-r", "10.0.0.53", "--rounds", "1", "--plain"]],
    ["watch without a suffix", ["watch", "--rounds", "1", "--plain"]],
    ["verify", ["verify", "far.yaml"]],
    ["verify of a domain", ["verify", "listed.yaml"]],
    ["verify of several hosts", ["verify", "half.yaml"]],
    ["verify --init", ["verify", "--init", "-d", "corp.test", "-r", "10.0.0.53"]],
  ])("%s", async (_, args) => {
    const { code, stdout, stderr } = await run(args, { wrapper: ALONE, cwd: folder });
    expect({ code, said: stdout + stderr }).toEqual({
      code: 3,
      said: expect.not.stringContaining("    at "),
    });
  });
});

describe.skipIf(skip)("what was checked and fails is 1, whichever command is asked", () => {
  test.each<[string, (at: string) => string[]]>([
    ["check", (at) => ["check", at]],
    ["sweep", (at) => ["sweep", at, "--retries", "0"]],
    ["watch", (at) => ["watch", at, "--rounds", "1", "--plain"]],
    ["verify", () => ["verify", "near.yaml"]],
  ])("%s", async (_, args) => {
    expect((await run(args(refused), { cwd: folder })).code).toBe(1);
  });
});
