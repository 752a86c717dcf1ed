import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { addressesOf, HOSTS_PATH, parseHosts, readHostsFile } from "../../../src/system/hosts-file.ts";

const HOSTS = `# Static table lookup for hostnames.
127.0.0.1\tlocalhost
127.0.1.1       pc7.corp.example pc7   # added by the installer
::1     ip6-localhost ip6-loopback localhost
fe80::1%lo0  link-local
10.0.0.5\tKMS1.Corp.Example.  kms1
   10.0.0.6 kms1
10.0.0.5 kms1.corp.example
#10.0.0.7 kms1
not-an-address kms1
10.0.0.300 kms1
10.0.0.8
10.0.0.9#kms1
`;

describe("parseHosts", () => {
  test("keeps addresses with their names, in file order", () => {
    expect(parseHosts(HOSTS)).toEqual([
      { address: "127.0.0.1", names: ["localhost"] },
      { address: "127.0.1.1", names: ["pc7.corp.example", "pc7"] },
      { address: "::1", names: ["ip6-localhost", "ip6-loopback", "localhost"] },
      { address: "fe80::1%lo0", names: ["link-local"] },
      { address: "10.0.0.5", names: ["kms1.corp.example", "kms1"] },
      { address: "10.0.0.6", names: ["kms1"] },
      { address: "10.0.0.5", names: ["kms1.corp.example"] },
    ]);
  });

  test("takes the line ends of Windows", () => {
    expect(parseHosts(HOSTS.replaceAll("\n", "\r\n"))).toEqual(parseHosts(HOSTS));
  });

  test.each(["", "\n", "# nothing\n", "   \t \n"])("%j has no entries", (text) => {
    expect(parseHosts(text)).toEqual([]);
  });
});

describe("addressesOf", () => {
  const entries = parseHosts(HOSTS);

  test.each([
    ["kms1", ["10.0.0.5", "10.0.0.6"]],
    ["KMS1.corp.EXAMPLE", ["10.0.0.5"]],
    ["kms1.corp.example.", ["10.0.0.5"]],
    ["localhost", ["127.0.0.1", "::1"]],
    ["kms2", []],
    ["", []],
  ])("of %j are %j", (name, addresses) => {
    expect(addressesOf(entries, name)).toEqual(addresses);
  });
});

describe("readHostsFile", () => {
  test("a missing file is an empty one", async () => {
    expect(await readHostsFile(fileURLToPath(new URL("no-such-file", import.meta.url)))).toEqual([]);
  });

  test("a directory in its place is an empty one", async () => {
    expect(await readHostsFile(fileURLToPath(new URL(".", import.meta.url)))).toEqual([]);
  });

  test.runIf(process.platform !== "win32")("is in its usual place", () => {
    expect(HOSTS_PATH).toBe("/etc/hosts");
  });
});
