/** What the user writes may be anything; what comes of it is a value or one clear line. */
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { describe, test } from "vitest";
import { parseDomain, parseHost, parseNetwork, parseResolver } from "../../src/targets/parse.ts";
import { UsageError } from "../../src/targets/usage-error.ts";
import { fuzz, holds } from "./fuzz.ts";

/** Each parser, what people write for it, and what its value must be. */
const PARSERS: { name: string; written: string[]; parse: (text: string) => void }[] = [
  {
    name: "parseHost",
    written: [
      "kms1.corp.example",
      "kms1:1700",
      "10.0.0.1:1688",
      "fd00::1",
      "[fd00::1]:1688",
      "fe80::1%eth0",
      "KMS1.Corp.Example.",
      "bücher.example",
      "1.2.3.4.5",
      "[::1",
      "kms1:99999",
    ],
    parse(text) {
      const { host, port } = parseHost(text);
      holds(isIP(host) !== 0 || /^[a-z0-9._-]{1,253}$/.test(host), "a host");
      holds(Number.isInteger(port) && port >= 1 && port <= 65535, "a port");
    },
  },
  {
    name: "parseResolver",
    written: [
      "10.0.0.53",
      "10.0.0.53:5353",
      "fd00::53",
      "[fd00::53]:5353",
      "fe80::1%eth0",
      "::ffff:10.0.0.53",
      "dns1",
    ],
    parse(text) {
      const { address, port } = parseResolver(text);
      holds(isIP(address) !== 0, "an address");
      holds(Number.isInteger(port) && port >= 1 && port <= 65535, "a port");
    },
  },
  {
    name: "parseDomain",
    written: ["corp.example", "_vlmcs._tcp.corp.example", "Corp.Example.", "bücher.example", "a..b", "."],
    parse(text) {
      holds(/^[a-z0-9._-]{1,242}$/.test(parseDomain(text)), "a domain");
    },
  },
  {
    name: "parseNetwork",
    written: ["hq=10.20.0.0/16", "lab=fd00::/64", "a b=0.0.0.0/0", "=/", "x=10.0.0.0/33"],
    parse(text) {
      const { name, cidr } = parseNetwork(text);
      holds(name.length > 0 && name.length <= 40 && cidr.includes("/"), "a name and a subnet");
    },
  },
];

describe.each(PARSERS)("$name", ({ name, written, parse }) => {
  test("any text is a value or a usage error of one printable line, in bounded time", () => {
    fuzz(
      name,
      written.map((text) => Buffer.from(text)),
      (bytes) => {
        try {
          parse(Buffer.from(bytes).toString("utf8"));
          return true;
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          holds(/^[ -~]{1,300}$/.test(error.message), "one printable line");
          return false;
        }
      },
      { alphabet: "abz09.-_:[]%/= kKü" },
    );
  });
});
