import { expect, test } from "vitest";
import { readResolvConf } from "../../../src/system/resolv-conf.ts";

const read = (text: string): ReturnType<typeof readResolvConf> =>
  readResolvConf(text, (name) => name === "eth0" || name === "wg0");

/** Each server as one text, `ADDRESS` or `ADDRESS#PORT`. */
const servers = (text: string): string[] =>
  read(text).servers.map(({ address, port }) => (port === 53 ? address : `${address}#${port}`));

const told = (text: string): string[] => read(text).unread.map(({ line, why }) => `${line}: ${why}`);

test.each([
  ["as systemd-resolved writes it", "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch corp.example\n"],
  ["as dhclient writes it", "domain corp.example\nsearch corp.example\nnameserver 10.0.0.53\n"],
  ["with comments", "# nameserver x\n; search a;b\nnameserver 10.0.0.53 # dc1\nsearch corp.example # ours\n"],
  [
    "the line ends of Windows, tabs and blanks",
    "\tnameserver\t10.0.0.53 \r\n  search a.example\tb.example\r\n",
  ],
  ["with a zone", "nameserver fe80::53%eth0\nsearch corp.example\n"],
  [
    "with other keywords",
    "sortlist 10.0.0.0/8\nlookup file bind\nfamily inet4\nsearch .\nnameserver fd00::53",
  ],
  ["five of them", Array.from({ length: 5 }, (_, n) => `nameserver 10.0.0.${n + 1}`).join("\n")],
  ["nothing", ""],
])("a file is read whole: %s", (_, text) => {
  expect(told(text)).toEqual([]);
});

test.each([
  ["nameserver 10.0.0.53;dc1", ["10.0.0.53"]],
  ["nameserver fe80::53%eth0\nnameserver fe80::53%wg0", ["fe80::53%eth0", "fe80::53%wg0"]],
  ["nameserver ::ffff:10.0.0.1", ["::ffff:10.0.0.1"]],
  ["# nameserver 10.0.0.53", []],
])("%j names %j", (text, expected) => {
  expect(servers(text)).toEqual(expected);
  expect(told(text)).toEqual([]);
});

test.each([
  ["nameserver 127.1", ["127.0.0.1"], "the C library reads 127.0.0.1, other programs otherwise"],
  ["nameserver 10.1.258", ["10.1.1.2"], "the C library reads 10.1.1.2"],
  ["nameserver 10.0.0.53:5353", ["10.0.0.53#5353"], "the C library reads no port"],
  ["nameserver [fd00::53]:5353", ["fd00::53#5353"], "the C library reads no port"],
  ["nameserver 10.0.0.1,10.0.0.2", ["10.0.0.1", "10.0.0.2"], "takes one address of a line"],
  ["nameserver 10.0.0.1 10.0.0.2", ["10.0.0.1", "10.0.0.2"], "takes one address of a line"],
  ["nameserver dc1.corp.example", [], "dc1.corp.example is no IP address"],
  ["nameserver 10.0.0.1:70000", [], "10.0.0.1:70000 is no IP address"],
  ["nameserver 1.2.3.4.5", [], "is no IP address"],
  ["nameserver", [], "it names no address"],
  ["nameserver fe80::53%nosuch0", [], "nosuch0 is no interface of this machine"],
  ["nameserver fe80::53", [], "a link-local address needs its interface"],
  ["NAMESERVER 10.0.0.53", [], "keywords are written in lower case: nameserver"],
  ["nameservers 10.0.0.53", [], "nameservers is no keyword of this file"],
  ["\uFEFFnameserver 10.0.0.53", ["10.0.0.53"], "a byte order mark stands before it"],
] as const)("%j is told: %j", (text, expected, why) => {
  expect(servers(text)).toEqual(expected);
  expect(told(text)).toEqual([expect.stringContaining(why)]);
});

test.each([
  ["search corp.test;branch.test", [], "'corp.test;branch.test' is no domain: separate suffixes by blanks"],
  ["search corp.test,branch.test", [], "'corp.test,branch.test' is no domain: separate suffixes by blanks"],
  ["search corp.test br@nch.test", ["corp.test"], "'br@nch.test' is no domain"],
] as const)("%j has the suffixes %j, and is told", (text, names, why) => {
  expect(read(text).search?.names).toEqual(names);
  expect(told(text)).toEqual([`1: ${why}`]);
});

test("of several search lines the last counts, and the one that is lost is told", () => {
  const text = "search a.example\nnameserver 10.0.0.53\nsearch b.example\n";
  expect(read(text).search).toEqual({ keyword: "search", names: ["b.example"] });
  expect(told(text)).toEqual(["1: line 3 takes its place: of search and domain lines the last counts"]);
});

test("a file of nothing but mistakes is told in eight lines", () => {
  expect(told("nonsense\n".repeat(1_000))).toHaveLength(8);
});
