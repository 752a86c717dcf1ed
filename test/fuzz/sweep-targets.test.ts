/** Lists and scans may hold anything; what comes of them is targets or one clear line, in bounded time and room. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "vitest";
import { AddressBuilder } from "../../src/targets/address-builder.ts";
import { openSpace } from "../../src/targets/address-set.ts";
import { LineReader } from "../../src/targets/lines.ts";
import { neverSwept } from "../../src/targets/never-swept.ts";
import { NmapReader } from "../../src/targets/nmap-xml.ts";
import { parseExclusion, parseTarget } from "../../src/targets/range.ts";
import type { Target } from "../../src/targets/range.ts";
import { UsageError } from "../../src/targets/usage-error.ts";
import { fuzz, holds } from "./fuzz.ts";

const WRITTEN = [
  "10.0.0.0/24",
  "10.1.0.5-10.1.3.20",
  "10.1.0.5-20:1700",
  "10.0.0.0/30:1688",
  "[fd00::1]:1688",
  "fd00::/120",
  "[fd00::/120]:1688",
  "fd00::1-fd00::ff",
  "::ffff:10.0.0.1/120",
  "1:2:3:4:5:6:10.0.0.1",
  "fe80::1%eth0",
  "kms1.corp.example:1688",
  "bücher.example",
];

const FIXTURES = path.join(import.meta.dirname, "../fixtures/nmap");

/** @returns whether it was taken; false for a usage error */
function taken(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    holds(/^[ -~]{1,400}$/.test(error.message), `one printable line: ${error.message}`);
    return false;
  }
}

function checkTarget(target: Target): void {
  holds(target.port === null || (target.port >= 1 && target.port <= 65535), "a port");
  if (target.kind === "name") {
    holds(/^[a-z0-9._-]{1,253}$/.test(target.name), "a name");
    return;
  }
  const most = target.family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n;
  holds(target.first >= 0n && target.first <= target.last && target.last <= most, "an interval");
}

describe("a target", () => {
  test("any text is one or a usage error of one printable line, and one swept holds nothing that is never", () => {
    fuzz(
      "parseTarget",
      WRITTEN.map((text) => Buffer.from(text)),
      (bytes) => {
        const text = Buffer.from(bytes).toString("utf8");
        taken(() => checkTarget(parseExclusion(text)));
        return taken(() => {
          const target = parseTarget(text);
          checkTarget(target);
          holds(target.kind === "name" || neverSwept(target) === null, "what may be swept");
        });
      },
      { alphabet: "0159.:-/[]%afk " },
    );
  });
});

describe("a list", () => {
  test("any lines, in any pieces, are targets that make a space whose indices lead back", () => {
    fuzz(
      "LineReader",
      [
        Buffer.from(WRITTEN.slice(0, 10).join("\n")),
        Buffer.from("# all\n10.0.0.1, 10.0.0.2\r\nfd00::/126 # some\n"),
      ],
      (bytes) => {
        const text = Buffer.from(bytes).toString("utf8");
        const builder = new AddressBuilder();
        const add = (target: Target): void => {
          checkTarget(target);
          if (target.kind === "interval") builder.add(target.family, target.first, target.last, target.port);
        };
        const reader = new LineReader("list", 1, parseTarget, add);
        return taken(() => {
          const middle = bytes.length % 7;
          reader.write(text.slice(0, middle));
          reader.write(text.slice(middle));
          reader.end();
          checkSpace(builder);
        });
      },
      { alphabet: "0159.:-/[]af,# \n" },
    );
  });
});

function checkSpace(builder: AddressBuilder): void {
  const space = openSpace(builder.build([1688]));
  for (const index of [0, 1, Math.floor(space.size / 2), space.size - 1]) {
    if (index < 0 || index >= space.size) continue;
    holds(
      space.indexOf(space.address(index), space.port(index)) === index,
      `an index that leads back: ${index}`,
    );
    const ordinal = space.subnet(index);
    holds(ordinal >= 0 && ordinal < space.subnets, "a subnet that there is");
    holds(space.subnetOf(ordinal).port === space.port(index), "a subnet of the same port");
  }
}

describe("a scan", () => {
  test("any XML is hosts or a usage error of one printable line", () => {
    const names = ["connect.xml", "ping-only.xml", "verbose.xml", "masscan.xml", "ipv6.xml"];
    fuzz(
      "NmapReader",
      names.map((name) => fs.readFileSync(path.join(FIXTURES, name))),
      (bytes) => {
        const text = Buffer.from(bytes).toString("utf8");
        const reader = new NmapReader("scan.xml", 1, [22, 1688], (target) => {
          checkTarget(target);
          holds(target.first === target.last && neverSwept(target) === null, "one address");
        });
        return taken(() => {
          for (let at = 0; at < text.length; at += 997) reader.write(text.slice(at, at + 997));
          for (const note of reader.end()) holds(/^scan\.xml: [ -~]{1,300}$/.test(note), "a printable note");
        });
      },
      { alphabet: "<>/=\"' !-[]&;?aehopst01" },
    );
  });
});
