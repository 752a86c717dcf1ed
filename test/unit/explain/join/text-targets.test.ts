import { describe, expect, it } from "vitest";
import { textTargets } from "../../../../src/explain/join/text-targets.ts";
import { explainString } from "../score.ts";

const targets = (text: string): ReturnType<typeof textTargets> => textTargets(explainString(text));

const tested = (port: number): string =>
  `ComputerName     : intranet.corp.example\nRemotePort       : ${port}\nTcpTestSucceeded : False\n`;

const REGISTRY = "    KeyManagementServiceName    REG_SZ    ";

describe("what a text names", () => {
  it("is a fixed host with its port, and the suffix of its name where no other is named", () => {
    const text = `${REGISTRY}kms-old.corp.example\n    KeyManagementServicePort    REG_SZ    1700\n`;
    expect(targets(text)).toEqual({
      hosts: ["kms-old.corp.example:1700"],
      domains: ["corp.example"],
      resolvers: [],
    });
  });

  it("is the suffixes and DNS servers of ipconfig, but for those that are another machine's here", () => {
    const text = `Windows IP Configuration

   Primary Dns Suffix  . . . . . . . : corp.example
   DNS Suffix Search List. . . . . . : branch.example
   Connection-specific DNS Suffix  . : home
   DNS Servers . . . . . . . . . . . : 10.0.0.53
                                       127.0.0.1
                                       fe80::1%12
                                       fec0:0:0:ffff::1
`;
    expect(targets(text)).toEqual({
      hosts: [],
      domains: ["corp.example", "branch.example"],
      resolvers: ["10.0.0.53"],
    });
  });

  it("is no host of a test that has nothing to do with KMS", () => {
    expect(targets(tested(443)).hosts).toEqual([]);
    expect(targets(tested(1688)).hosts).toEqual(["intranet.corp.example:1688"]);
  });

  it("is never the client itself", () => {
    for (const own of ["localhost", "127.0.0.1"]) expect(targets(`${REGISTRY}${own}\n`).hosts).toEqual([]);
  });

  it("is a few, whoever wrote it", () => {
    const many = Array.from({ length: 40 }, (_, at) => `${REGISTRY}h${at}.d${at}.example\n\n\n`).join("\n");
    const { hosts, domains } = targets(many);
    expect([hosts.length, domains.length]).toEqual([16, 8]);
  });
});
