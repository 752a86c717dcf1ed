/** What the system says in text: trusted, and still nothing of it may stop a run. */
import { isIP } from "node:net";
import { describe, expect, test } from "vitest";
import { addressesOf, parseHosts } from "../../src/system/hosts-file.ts";
import { findSocket } from "../../src/system/kernel.ts";
import { hostDomain, parseRegistry, parseResolvConf, parseScutil } from "../../src/system/suffixes.ts";
import type { Suffix } from "../../src/system/suffixes.ts";
import { seedsOf } from "./corpus.ts";
import type { Seed } from "./corpus.ts";
import { fuzz, holds } from "./fuzz.ts";

const LOCAL = { address: "127.0.0.1", port: 37658 };
const REMOTE = { address: "127.0.0.1", port: 28688 };
const LOCAL6 = { address: "::1", port: 29690 };
const REMOTE6 = { address: "::1", port: 29688 };

const socketIn = (text: string): object | null =>
  findSocket(text, LOCAL, REMOTE) ?? findSocket(text, LOCAL6, REMOTE6);

const REGISTRY_NAMES = ["SearchList", "Domain", "NV Domain", "DhcpDomain"];

/** Each text decoder: the folder of its seeds, whether a text holds what is looked for, and what must always hold. */
const DECODERS: { folder: string; finds: (text: string) => boolean; check: (text: string) => void }[] = [
  {
    folder: "proc-net-tcp",
    finds: (text) => socketIn(text) !== null,
    check(text) {
      const views = [findSocket(text, LOCAL, REMOTE), findSocket(text, LOCAL6, REMOTE6)];
      for (const view of views) {
        if (view === null) continue;
        holds(isCount(view.unacknowledgedBytes) && isCount(view.retransmissions), "counts");
        holds(view.state.length > 0, "a state with a name");
      }
    },
  },
  {
    folder: "resolv-conf",
    finds: (text) => parseResolvConf(text).length > 0,
    check: (text) => checkSuffixes(parseResolvConf(text)),
  },
  {
    folder: "hosts",
    finds: (text) => parseHosts(text).length > 0,
    check(text) {
      const entries = parseHosts(text);
      for (const { address, names } of entries) {
        holds(isIP(address) !== 0, "an address in front");
        holds(names.length > 0 && names.every((name) => !/\s|#/.test(name)), "names behind it");
        for (const name of names.slice(0, 2)) {
          if (/[^.]$/.test(name)) {
            holds(addressesOf(entries, name).includes(address), "a name leads to its address");
          }
        }
      }
      checkSuffixes(hostDomain("pc7", entries));
    },
  },
  {
    folder: "scutil",
    finds: (text) => parseScutil(text).length > 0,
    check: (text) => checkSuffixes(parseScutil(text)),
  },
  {
    folder: "registry",
    finds: (text) => parseRegistry(text, REGISTRY_NAMES, "x").length > 0,
    check: (text) => checkSuffixes(parseRegistry(text, REGISTRY_NAMES, "x")),
  },
];

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

describe.each(DECODERS)("$folder", ({ folder, finds, check }) => {
  const seeds: Seed[] = seedsOf(folder);

  test.each(seeds.filter((seed) => seed.class !== "edge"))("$name is what its folder says", (seed) => {
    expect(finds(text(seed.bytes))).toBe(seed.class === "valid");
  });

  test("any text is read without throwing, in bounded time", () => {
    fuzz(
      folder,
      seeds.map(({ bytes }) => bytes),
      (bytes) => {
        check(text(bytes));
        return finds(text(bytes));
      },
      { alphabet: "az09AF.-_:#; \t\r\n" },
    );
  });
});

function checkSuffixes(suffixes: readonly Suffix[]): void {
  for (const { domain, source } of suffixes) {
    holds(domain.length > 0 && !/\s/.test(domain), "a domain without blanks");
    holds(source.length > 0, "a source");
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
