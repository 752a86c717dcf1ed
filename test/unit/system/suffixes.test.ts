import { describe, expect, test } from "vitest";
import { parseHosts } from "../../../src/system/hosts-file.ts";
import {
  hostDomain,
  parseRegistry,
  parseResolvConf,
  parseScutil,
  presentInterfaces,
} from "../../../src/system/suffixes.ts";

const search = (...domains: string[]): object[] =>
  domains.map((domain) => ({ domain, source: "/etc/resolv.conf (search)" }));

describe("parseResolvConf", () => {
  test("a file as systemd-resolved writes it", () => {
    const text = `# This is /run/systemd/resolve/stub-resolv.conf managed by man:systemd-resolved(8).
# Do not edit. search is explained below.
nameserver 127.0.0.53
options edns0 trust-ad
search corp.example lab.corp.example
`;
    expect(parseResolvConf(text)).toEqual(search("corp.example", "lab.corp.example"));
  });

  test("the last of search and domain counts", () => {
    expect(parseResolvConf("search a.example\ndomain b.example\n")).toEqual([
      { domain: "b.example", source: "/etc/resolv.conf (domain)" },
    ]);
    expect(parseResolvConf("domain b.example\nsearch a.example c.example\n")).toEqual(
      search("a.example", "c.example"),
    );
    expect(parseResolvConf("search a.example\nsearch b.example\n")).toEqual(search("b.example"));
  });

  test("a domain line has one domain", () => {
    expect(parseResolvConf("domain a.example b.example")).toEqual([
      { domain: "a.example", source: "/etc/resolv.conf (domain)" },
    ]);
  });

  test("tabs, blanks and the line ends of Windows separate as well", () => {
    expect(parseResolvConf("search\ta.example \t b.example  \r\nnameserver 10.0.0.1\r\n")).toEqual(
      search("a.example", "b.example"),
    );
  });

  test("comments are none of it", () => {
    expect(parseResolvConf("#search a.example\n;search b.example\nsearch c.example # d.example\n")).toEqual(
      search("c.example"),
    );
  });

  test.each(["", "nameserver 10.0.0.1", "search", "searching a.example", "options search a.example"])(
    "%j has no suffix",
    (text) => {
      expect(parseResolvConf(text)).toEqual([]);
    },
  );
});

// What `scutil --dns` prints on macOS 14 with a VPN up.
const SCUTIL = `DNS configuration

resolver #1
  search domain[0] : corp.example
  search domain[1] : lab.corp.example
  nameserver[0] : 10.0.0.53
  nameserver[1] : 10.0.1.53
  if_index : 23 (utun4)
  flags    : Supplemental, Request A records, Request AAAA records
  reach    : 0x00000003 (Reachable,Transient Connection)
  order    : 102400

resolver #2
  domain   : local
  options  : mdns
  timeout  : 5
  flags    : Request A records, Request AAAA records
  reach    : 0x00000000 (Not Reachable)
  order    : 300000

DNS configuration (for scoped queries)

resolver #1
  search domain[0] : home.arpa
  nameserver[0] : 192.168.1.1
  if_index : 14 (en0)
  flags    : Scoped, Request A records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)
`;

describe("parseScutil", () => {
  test("takes the search domains of every resolver, in order", () => {
    expect(parseScutil(SCUTIL)).toEqual(
      ["corp.example", "lab.corp.example", "home.arpa"].map((domain) => ({ domain, source: "scutil --dns" })),
    );
  });

  test.each([
    "",
    "No DNS configuration available\n",
    "resolver #1\n  search domain[0] : \n  nameserver[0] : 10.0.0.1\n",
  ])("%j has none", (text) => {
    expect(parseScutil(text)).toEqual([]);
  });
});

// What `reg query HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters` prints on Windows 11. Empty values end in
// blanks.
const REGISTRY = [
  "",
  "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters",
  "    DataBasePath    REG_EXPAND_SZ    %SystemRoot%\\System32\\drivers\\etc",
  "    Domain    REG_SZ    ",
  "    ForwardBroadcasts    REG_DWORD    0x0",
  "    ICSDomain    REG_SZ    mshome.net",
  "    NameServer    REG_SZ    ",
  "    SyncDomainWithMembership    REG_DWORD    0x1",
  "    NV Hostname    REG_SZ    PC7",
  "    Hostname    REG_SZ    PC7",
  "    SearchList    REG_SZ    corp.example,lab.corp.example, other.example",
  "    NV Domain    REG_SZ    ad.corp.example",
  "    DhcpDomain    REG_SZ    office.example",
  "",
  "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Adapters",
  "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces",
  "",
].join("\r\n");

const INTERFACES = [
  "",
  "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{1b6f0d2a}",
  "    EnableDHCP    REG_DWORD    0x1",
  "    Domain    REG_SZ    ",
  "    NameServer    REG_SZ    ",
  "    DhcpIPAddress    REG_SZ    10.0.0.23",
  "    DhcpDomain    REG_SZ    office.example",
  "    DhcpNameServer    REG_SZ    10.0.0.53 10.0.1.53",
  "",
  "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{7c1e33f0}",
  "    Domain    REG_SZ    vpn.example",
  "    DhcpDomain    REG_SZ    ",
  "",
  "End of search: 9 match(es) found.",
].join("\r\n");

describe("parseRegistry", () => {
  test("takes the named values in the order of their names, lists split", () => {
    const names = ["SearchList", "Domain", "NV Domain", "DhcpDomain"];
    expect(parseRegistry(REGISTRY, names, "the TCP/IP parameters")).toEqual([
      { domain: "corp.example", source: "the TCP/IP parameters (SearchList)" },
      { domain: "lab.corp.example", source: "the TCP/IP parameters (SearchList)" },
      { domain: "other.example", source: "the TCP/IP parameters (SearchList)" },
      { domain: "ad.corp.example", source: "the TCP/IP parameters (NV Domain)" },
      { domain: "office.example", source: "the TCP/IP parameters (DhcpDomain)" },
    ]);
  });

  test("an empty value takes nothing from the line that follows", () => {
    expect(parseRegistry(REGISTRY, ["Domain", "NameServer"], "x")).toEqual([]);
  });

  test("takes the values of every interface", () => {
    expect(parseRegistry(INTERFACES, ["Domain", "DhcpDomain"], "i").map(({ domain }) => domain)).toEqual([
      "vpn.example",
      "office.example",
    ]);
  });

  test("reads the same with the line ends of Unix", () => {
    expect(parseRegistry(REGISTRY.replaceAll("\r\n", "\n"), ["SearchList"], "x")).toHaveLength(3);
  });

  test.each(["", "ERROR: The system was unable to find the specified registry key or value.\r\n"])(
    "%j has no values",
    (text) => {
      expect(parseRegistry(text, ["Domain"], "x")).toEqual([]);
    },
  );
});

function key(guid: string, ...values: string[]): string {
  const lines = values.map((value) => `    ${value}`);
  return [`HKEY_LOCAL_MACHINE\\SYSTEM\\Interfaces\\{${guid}}`, ...lines, "", ""].join("\r\n");
}

describe("what the registry of a real machine has besides", () => {
  test("names in another case, and lists of strings", () => {
    const stored = [
      "    searchlist    REG_MULTI_SZ    one.test\\0two.test",
      "    nv domain    REG_EXPAND_SZ    three.test",
    ];
    expect(parseRegistry(stored.join("\r\n"), ["SearchList", "NV Domain"], "x")).toEqual([
      { domain: "one.test", source: "x (SearchList)" },
      { domain: "two.test", source: "x (SearchList)" },
      { domain: "three.test", source: "x (NV Domain)" },
    ]);
  });

  test("interfaces of past networks, which have no say", () => {
    const text = [
      key("1", "DhcpIPAddress    REG_SZ    10.1.0.5", "DhcpDomain    REG_SZ    here.test"),
      key("2", "DhcpIPAddress    REG_SZ    192.168.7.7", "DhcpDomain    REG_SZ    hotel.test"),
      key("3", "IPAddress    REG_MULTI_SZ    10.2.0.5\\010.2.0.6", "Domain    REG_SZ    fixed.test"),
      key("4", "Domain    REG_SZ    nobody.test"),
    ].join("");
    const found = presentInterfaces(text, new Set(["127.0.0.1", "10.1.0.5", "10.2.0.6"]));
    expect(parseRegistry(found, ["Domain", "DhcpDomain"], "i").map(({ domain }) => domain)).toEqual([
      "fixed.test",
      "here.test",
    ]);
    expect(presentInterfaces(text, new Set())).toBe("");
  });
});

describe("hostDomain", () => {
  const hosts = parseHosts("127.0.0.1 localhost\n127.0.1.1 pc7.corp.example pc7\n10.0.0.9 pc8\n");

  test.each([
    ["PC9.Other.Example", [{ domain: "other.example", source: "the host name" }]],
    ["pc7", [{ domain: "corp.example", source: "/etc/hosts" }]],
    ["PC7", [{ domain: "corp.example", source: "/etc/hosts" }]],
    ["pc8", []],
    ["pc9", []],
    ["pc9.", []],
    ["localhost", []],
    ["localhost.localdomain", []],
    ["", []],
    [".example", []],
  ])("of %j is %j", (hostname, domain) => {
    expect(hostDomain(hostname, hosts)).toEqual(domain);
  });
});
