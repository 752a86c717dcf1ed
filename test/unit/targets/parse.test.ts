import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseCount,
  parseDomain,
  parseDuration,
  parseHost,
  parseNetwork,
  parseRequirement,
  parseResolver,
} from "../../../src/targets/parse.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";
import { anyString } from "../any-string.ts";

/** The line that a user reads; anything but a UsageError goes on. */
function complaint(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

const LABEL_63 = "a".repeat(63);
/** 253 characters, the most a name can have. */
const NAME_253 = `${LABEL_63}.${LABEL_63}.${LABEL_63}.${"a".repeat(61)}`;

describe("a host", () => {
  it.each([
    ["kms1.corp.example", "kms1.corp.example", 1688],
    ["KMS1.Corp.Example", "kms1.corp.example", 1688],
    ["kms1.corp.example.", "kms1.corp.example", 1688],
    ["kms1", "kms1", 1688],
    ["kms1:1700", "kms1", 1700],
    ["kms_1.corp.example", "kms_1.corp.example", 1688],
    ["  kms1 ", "kms1", 1688],
    ["10.0.0.1", "10.0.0.1", 1688],
    ["10.0.0.1:1", "10.0.0.1", 1],
    ["10.0.0.1:65535", "10.0.0.1", 65_535],
    ["fd00::1", "fd00::1", 1688],
    ["FD00::1", "fd00::1", 1688],
    ["[fd00::1]", "fd00::1", 1688],
    ["[fd00::1]:1700", "fd00::1", 1700],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1", 1688],
    ["fe80::1%eth0", "fe80::1%eth0", 1688],
    ["FE80::1%Ethernet", "fe80::1%Ethernet", 1688],
    ["fec0::1", "fec0::1", 1688],
    ["::1", "::1", 1688],
    ["[::1:1688]", "::1:1688", 1688],
    ["::1688", "::1688", 1688],
    ["1:2:3:4:5:6:7:1688", "1:2:3:4:5:6:7:1688", 1688],
    ["bücher.example", "xn--bcher-kva.example", 1688],
    ["bücher.example:1700", "xn--bcher-kva.example", 1700],
    ["ＫＭＳ１.example", "kms1.example", 1688],
    ["kms1:01700", "kms1", 1700],
    [LABEL_63, LABEL_63, 1688],
    [NAME_253, NAME_253, 1688],
  ])("%j is %j port %d", (text, host, port) => {
    expect(parseHost(text)).toEqual({ host, port });
  });

  it("takes the default port that it is given, and its own port before that", () => {
    expect(parseHost("kms1", 1700)).toEqual({ host: "kms1", port: 1700 });
    expect(parseHost("kms1:1688", 1700)).toEqual({ host: "kms1", port: 1688 });
  });

  it.each([
    ["kms1:", "'kms1:' has no port from 1 to 65535 after its colon"],
    ["kms1:0", "'kms1:0' has no port from 1 to 65535 after its colon"],
    ["kms1:65536", "'kms1:65536' has no port from 1 to 65535 after its colon"],
    ["kms1:-1", "'kms1:-1' has no port from 1 to 65535 after its colon"],
    ["kms1:http", "'kms1:http' has no port from 1 to 65535 after its colon"],
    ["kms1:1:2", "'kms1:1:2' has no port from 1 to 65535 after its colon"],
    [
      "fe80::1",
      "'fe80::1' is on every link of this machine: write the interface behind it, as in fe80::1%eth0",
    ],
    [
      "[FEBF::1]:1688",
      "'[FEBF::1]:1688' is on every link of this machine: write the interface behind it, as in FEBF::1%eth0",
    ],
    ["10.0.0", "'10.0.0' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
    ["10.0.0.256", "'10.0.0.256' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
    ["167772161", "'167772161' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
    ["10.0.0.1.", "'10.0.0.1.' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
    [":1688", "':1688' is not a host: an IPv6 address with a port is written [fd00::1]:1688"],
    ["[fd00::1", "'[fd00::1' is not a host: an IPv6 address with a port is written [fd00::1]:1688"],
    [
      "[10.0.0.1]:1688",
      "'[10.0.0.1]:1688' is not a host: an IPv6 address with a port is written [fd00::1]:1688",
    ],
    ["[]", "'[]' is not a host: an IPv6 address with a port is written [fd00::1]:1688"],
    ["-kms1", "'-kms1' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
    ["kms1-", "'kms1-' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
    ["kms1..corp", "'kms1..corp' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
    [".", "'.' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
    ["kms 1 2", "'kms 1 2' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
    ["kms1/24", "'kms1/24' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
    ["$(reboot)", "'$(reboot)' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
    [`${LABEL_63}a`, `'${LABEL_63}a' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT`],
    ["bü\u0000.example", "'b??.example' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT"],
  ])("is not %j", (text, message) => {
    expect(complaint(() => parseHost(text))).toBe(message);
  });

  it("is not a name of 254 characters, which the message cuts", () => {
    expect(complaint(() => parseHost(`${NAME_253}a`))).toBe(
      `'${LABEL_63}.${"a".repeat(13)}...' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT`,
    );
  });
});

describe("a resolver", () => {
  it.each([
    ["10.0.0.53", "10.0.0.53", 53],
    ["10.0.0.53:5353", "10.0.0.53", 5353],
    ["fd00::53", "fd00::53", 53],
    ["[FD00::53]:5353", "fd00::53", 5353],
    [" 10.0.0.53 ", "10.0.0.53", 53],
    ["@10.0.0.53", "10.0.0.53", 53],
    ["10.0.0.53#5353", "10.0.0.53", 5353],
    ["fd00::53#5353", "fd00::53", 5353],
    ["[fd00::53:5353]", "fd00::53:5353", 53],
    ["fe80::53%eth0", "fe80::53%eth0", 53],
  ])("%j is %j port %d", (text, address, port) => {
    expect(parseResolver(text)).toEqual({ address, port });
  });

  it.each([
    [
      "dns.corp.example",
      "'dns.corp.example' is a name, and looking it up would need a resolver: write its IP address, ADDR, ADDR:PORT or [IPV6]:PORT",
    ],
    ["10.0.0", "'10.0.0' is not a resolver: write its IP address, ADDR, ADDR:PORT or [IPV6]:PORT"],
    ["10.0.0.53#0", "'10.0.0.53#0' has no port from 1 to 65535 after its #"],
    ["10.0.0.53:0", "'10.0.0.53:0' has no port from 1 to 65535 after its colon"],
  ])("is not %j", (text, message) => {
    expect(complaint(() => parseResolver(text))).toBe(message);
  });
});

describe("a domain", () => {
  it.each([
    ["corp.example", "corp.example"],
    ["Corp.Example.", "corp.example"],
    ["local", "local"],
    ["_vlmcs._tcp.corp.example", "corp.example"],
    ["_VLMCS._TCP.Corp.Example.", "corp.example"],
    [" _vlmcs._tcp.corp.example ", "corp.example"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["_msdcs.corp.example", "_msdcs.corp.example"],
  ])("%j is %j", (text, domain) => {
    expect(parseDomain(text)).toBe(domain);
  });

  it.each(["", ".", "..", "corp..example", ".corp.example", "corp example", "*.corp.example", "a/b"])(
    "is not %j",
    (text) => {
      expect(complaint(() => parseDomain(text))).toBe(
        `'${text}' is not a DNS domain: write one such as corp.example`,
      );
    },
  );

  it("has room for the service and protocol labels in front", () => {
    const most = NAME_253.slice("_vlmcs._tcp.".length);
    expect(parseDomain(most)).toBe(most);
    expect(complaint(() => parseDomain(`a${most}`))).toContain("is not a DNS domain");
  });
});

describe("a time", () => {
  it.each([
    ["5s", 5_000],
    ["5", 5_000],
    ["0.5", 500],
    ["500ms", 500],
    ["1.5m", 90_000],
    ["24h", 86_400_000],
    [" 1s ", 1_000],
  ])("%j is %d ms", (text, ms) => {
    expect(parseDuration(text, "--timeout")).toBe(ms);
  });

  it.each(["", "0", "0s", "-1s", "1e3", ".5s", "5 s", "5S", "1d", "25h", "1441m", "NaN", "Infinity", "1,5s"])(
    "is not %j",
    (text) => {
      expect(complaint(() => parseDuration(text, "--timeout"))).toBe(
        `--timeout '${text}' is not a time: write one such as 500ms, 5s or 1m (up to 24h)`,
      );
    },
  );
});

describe("a count", () => {
  it.each([
    ["0", 0],
    ["10", 10],
    ["007", 7],
  ])("%j is %d", (text, value) => {
    expect(parseCount(text, "--retries", 0, 10)).toBe(value);
  });

  it.each(["", "-1", "11", "1.5", "1e1", "ten", " 1", "9999999999"])("is not %j", (text) => {
    expect(complaint(() => parseCount(text, "--retries", 0, 10))).toBe(
      `--retries '${text}' is not a number from 0 to 10`,
    );
  });
});

describe("a requirement", () => {
  it.each([
    ["any", "any"],
    ["all", "all"],
    ["1", 1],
    ["999999", 999_999],
  ])("%j is %j", (text, value) => {
    expect(parseRequirement(text)).toBe(value);
  });

  it.each(["", "0", "-1", "01", "1.5", "ALL", "some", "1000000"])("is not %j", (text) => {
    expect(complaint(() => parseRequirement(text))).toBe(
      `--require '${text}' is none of any, all or a number of hosts from 1`,
    );
  });
});

describe("a network's name", () => {
  it.each([
    ["hq=10.20.0.0/16", "hq", "10.20.0.0/16"],
    [" branch office=fd00::/8 ", "branch office", "fd00::/8"],
  ])("%j", (text, name, cidr) => {
    expect(parseNetwork(text)).toEqual({ name, cidr });
  });

  it.each([
    "",
    "hq",
    "=10.0.0.0/8",
    "hq=",
    "hq=10.0.0.0",
    "hq=10.0.0.0/33",
    "hq=ten/8",
    `${"a".repeat(41)}=10.0.0.0/8`,
  ])("is not %j", (text) => {
    expect(complaint(() => parseNetwork(text))).toBe(
      `--network '${text}' is not NAME=SUBNET, as in hq=10.20.0.0/16`,
    );
  });
});

describe("whatever a user types", { timeout: 60_000 }, () => {
  const parsers = [
    parseHost,
    parseResolver,
    parseDomain,
    parseRequirement,
    parseNetwork,
    (text: string) => parseDuration(text, "--timeout"),
    (text: string) => parseCount(text, "--count", 0, 10),
  ];

  it("is a value or one printable line, never another error", () => {
    const typed = fc.oneof(
      anyString(),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.[]%-_ \u0000\u001b\u202eü".split("")) }),
    );
    fc.assert(
      fc.property(typed, fc.constantFrom(...parsers), (text, parse) => {
        try {
          parse(text);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          expect(error.message).toMatch(/^[\x20-\x7e]{1,250}$/);
        }
      }),
      { seed: 1688, numRuns: 2_000 },
    );
  });

  it("comes out of a host parser as something that goes in again, and is the same", () => {
    const typed = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      // Without brackets some look like an address and a port.
      fc.ipV6().map((address) => `[${address}]`),
      fc.tuple(fc.domain(), fc.integer({ min: 1, max: 65_535 })).map(([name, port]) => `${name}:${port}`),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const { host, port } = parseHost(text);
        expect(parseHost(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`)).toEqual({
          host,
          port,
        });
      }),
      { seed: 1689, numRuns: 1_000 },
    );
  });
});
