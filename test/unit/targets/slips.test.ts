import { describe, expect, it } from "vitest";
import { parseDomain, parseHost, parseHosts, parseResolver } from "../../../src/targets/parse.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

/** The line that a user reads. */
function complaint(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "it was taken";
}

describe("a slip where a host belongs says what it is, and what to write", () => {
  it.each([
    ["", "'' names no host: is a variable of a script empty?"],
    ["  ", "'  ' names no host: is a variable of a script empty?"],
    [
      "-4",
      "'-4' is no option: every address of a host is probed; name one address, or a --source of that family",
    ],
    ["@10.0.0.53", "'@10.0.0.53' is how dig names a resolver: -r 10.0.0.53"],
    ["_vlmcs._tcp.corp.test", "'_vlmcs._tcp.corp.test' is the name of an SRV record: -d corp.test"],
    ["_VLMCS._TCP.corp.test.", "'_VLMCS._TCP.corp.test.' is the name of an SRV record: -d corp.test"],
    ["_vlmcs._tcp", "'_vlmcs._tcp' is an SRV name without its domain: -d corp.example"],
    ["kms1 1688", "'kms1 1688' is two things: a port goes behind a colon: kms1:1688"],
    ["fd00::1 1688", "'fd00::1 1688' is two things: a port goes behind a colon: [fd00::1]:1688"],
    [
      "1688",
      "'1688' is a number: a port goes behind a colon, as in kms1.corp.example:1688, and an address has four of them, as in 10.0.0.1",
    ],
    ["http://kms1:1688/", "'http://kms1:1688/' is a URL, and http:// is not what is spoken: write kms1:1688"],
    ["tcp://u@kms1", "'tcp://u@kms1' is a URL, and tcp:// is not what is spoken: write kms1"],
    ["http://", "'http://' is a URL, and http:// is not what is spoken: write the host alone"],
    ["10.1.2.*", "'10.1.2.*' is many addresses, and one is looked at here: kmsprobe sweep 10.1.2.0/24"],
    ...["10.0.0.1-10.0.0.5", "10.0.0.1-5", "10.0.0.0/30", "fd00::/120", "fd00::1-fd00::5"].map((text) => [
      text,
      `'${text}' is many addresses, and one is looked at here: kmsprobe sweep ${text}`,
    ]),
    [
      "fe80::1",
      "'fe80::1' is on every link of this machine: write the interface behind it, as in fe80::1%eth0",
    ],
    [
      "[FE80::1]:1688",
      "'[FE80::1]:1688' is on every link of this machine: write the interface behind it, as in FE80::1%eth0",
    ],
    [
      "::1:1688",
      "'::1:1688' is an IPv6 address as it stands: if 1688 is the port: [::1]:1688; if not: [::1:1688]",
    ],
    [
      "fd00::5:1700",
      "'fd00::5:1700' is an IPv6 address as it stands: if 1700 is the port: [fd00::5]:1700; if not: [fd00::5:1700]",
    ],
  ])("%j", (text = "", message) => {
    expect(complaint(() => parseHost(text))).toBe(message);
  });

  it("knows the port that hosts have without one", () => {
    expect(complaint(() => parseHost("fd00::5:135", 135))).toContain("if 135 is the port: [fd00::5]:135");
  });

  it.each([
    "fd00::5:135",
    "fd00::5:abcd",
    "fd00::5:0100",
    "[fd00::5:1700]",
    "fe80::1%eth0",
    "10-0-0-1.corp.test",
    "kms1-10.corp.test",
    "_kms.corp.test",
    "4.corp.test",
  ])("takes %j, which is none", (text) => {
    expect(complaint(() => parseHost(text))).toBe("it was taken");
  });

  it.each([
    [["kms1.corp.test", "1688"], "'1688' is not a host: a port goes behind a colon: kms1.corp.test:1688"],
    [["kms1", "fd00::5", "1688"], "'1688' is not a host: a port goes behind a colon: [fd00::5]:1688"],
  ])("%j: a port after its host", (words, message) => {
    expect(complaint(() => parseHosts(words))).toBe(message);
  });
});

describe("a slip where a resolver or a domain belongs", () => {
  it.each([
    ["", "'' names no resolver: is a variable of a script empty?"],
    ["udp://10.0.0.53", "'udp://10.0.0.53' is a URL, and udp:// is not what is spoken: write 10.0.0.53"],
    ["10.0.0.0/24", "'10.0.0.0/24' is many addresses, and one is looked at here: kmsprobe sweep 10.0.0.0/24"],
    [
      "fe80::53",
      "'fe80::53' is on every link of this machine: write the interface behind it, as in fe80::53%eth0",
    ],
    [
      "fd00::1:53",
      "'fd00::1:53' is an IPv6 address as it stands: if 53 is the port: [fd00::1]:53; if not: [fd00::1:53]",
    ],
    [
      "::1:5353",
      "'::1:5353' is an IPv6 address as it stands: if 5353 is the port: [::1]:5353; if not: [::1:5353]",
    ],
  ])("resolver %j", (text, message) => {
    expect(complaint(() => parseResolver(text))).toBe(message);
  });

  it.each([
    ["_vlmcs._tcp", "'_vlmcs._tcp' is an SRV name without its domain: write one such as corp.example"],
    ["_vlmcs._tcp.", "'_vlmcs._tcp.' is an SRV name without its domain: write one such as corp.example"],
    ["https://corp.test", "'https://corp.test' is a URL: write the DNS domain alone, such as corp.example"],
  ])("domain %j", (text, message) => {
    expect(complaint(() => parseDomain(text))).toBe(message);
  });
});
