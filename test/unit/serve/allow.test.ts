import { describe, expect, it } from "vitest";
import { permissionOf } from "../../../src/serve/allow.ts";
import { parseLookTarget } from "../../../src/serve/target.ts";
import { parseAllowed } from "../../../src/targets/allowed.ts";

function permission(allow: string[], configured: string[] = []) {
  return permissionOf(allow.map(parseAllowed), configured.map(parseLookTarget));
}

describe("what may be asked for", () => {
  it.each([
    // without a configuration, nothing
    [[], [], "corp.example", false],
    [[], [], "10.0.0.1:1688", false],
    // what is scheduled, in the same form
    [[], ["corp.example"], "corp.example", true],
    [[], ["corp.example"], "CORP.example.", true],
    [[], ["corp.example"], "kms1.corp.example:1688", false],
    [[], ["kms1.corp.example:1700"], "kms1.corp.example:1700", true],
    [[], ["kms1.corp.example:1700"], "kms1.corp.example:22", false],
    // a name, and all under it
    [["corp.example"], [], "corp.example", true],
    [["corp.example"], [], "sub.corp.example", true],
    [["corp.example"], [], "kms1.corp.example:1688", true],
    [["corp.example"], [], "evilcorp.example", false],
    [["corp.example"], [], "corp.example.evil.test", false],
    [["kms1.corp.example:1688"], [], "kms1.corp.example:1688", true],
    [["kms1.corp.example:1688"], [], "kms1.corp.example:445", false],
    [["kms1.corp.example:1688"], [], "kms1.corp.example", false],
    // subnets
    [["10.20.0.0/16"], [], "10.20.3.4", true],
    [["10.20.0.0/16"], [], "10.21.3.4", false],
    [["10.20.0.0/16"], [], "[::ffff:10.21.3.4]:1688", false],
    [["10.20.0.0/16:1688"], [], "10.20.3.4:1688", true],
    [["10.20.0.0/16:1688"], [], "10.20.3.4:22", false],
    [["fd00::/16"], [], "[fd00::9]:1688", true],
    [["10.20.0.0/16"], [], "169.254.169.254:80", false],
    [["10.20.0.0/16"], [], "127.0.0.1:22", false],
    // a subnet permits no names: their addresses are not known yet
    [["10.20.0.0/16"], [], "kms1.corp.example:1688", false],
  ])("%j and %j: %s is permitted: %s", (allow, configured, target, wanted) => {
    expect(permission(allow, configured).target(parseLookTarget(target))).toBe(wanted);
  });

  it.each([
    ["10.20.3.4", true],
    ["192.0.2.7", true],
    ["fd00::9", true],
    ["127.0.0.1", false],
    ["::1", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:7f00:1", false],
    ["0.0.0.0", false],
    ["169.254.169.254", false],
    ["::ffff:169.254.169.254", false],
    ["fe80::1", false],
    ["fd00:ec2::254", false],
    ["100.100.100.200", false],
    ["::ffff:100.100.100.200", false],
    ["168.63.129.16", false],
    ["192.0.0.192", false],
    // the same behind NAT64 (its own prefix and one for local use), by 6to4 and as IPv4-compatible IPv6
    ["64:ff9b::a9fe:a9fe", false],
    ["64:ff9b::127.0.0.1", false],
    ["64:ff9b::10.20.3.4", true],
    ["2002:7f00:1::", false],
    ["2002:a9fe:a9fe::1", false],
    ["2002:a14:304::1", true],
    ["64:ff9b::100.100.100.200", false],
    ["64:ff9b::168.63.129.16", false],
    ["64:ff9b::0.0.0.0", false],
    ["64:ff9b::239.1.2.3", false],
    ["64:ff9b:1::a9fe:a9fe", false],
    ["64:ff9b:1::a14:304", true],
    ["2002:6464:64c8::", false],
    ["2002:a83f:8110::1", false],
    ["::192.0.0.192", false],
    ["::127.0.0.1", false],
    ["::a9fe:a9fe", false],
    ["::10.20.0.5", true],
    ["224.0.0.1", false],
  ])("an address that DNS gave for a permitted name, %s, may be connected to: %s", (address, wanted) => {
    expect(permission(["corp.example"]).address(address)).toBe(wanted);
  });

  it("is an address of this machine only where a subnet or a target of the configuration says so", () => {
    expect(permission(["127.0.0.0/8"]).address("127.0.0.9")).toBe(true);
    expect(permission([], ["127.0.0.9:1688"]).address("127.0.0.9")).toBe(true);
    expect(permission([], ["127.0.0.9:1688"]).address("127.0.0.8")).toBe(false);
  });
});
