import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ipText } from "../../../src/targets/ip-value.ts";
import { NmapReader } from "../../../src/targets/nmap-xml.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

const FIXTURES = path.join(import.meta.dirname, "../../fixtures/nmap");

type Taken = { targets: string[]; notes: string[] };

/** @param piece characters given at a time */
function take(text: string, ports: readonly number[] = [1688], piece = text.length): Taken {
  const targets: string[] = [];
  const reader = new NmapReader("scan.xml", 1, ports, ({ family, first, last, port }) => {
    expect(last).toBe(first);
    targets.push(`${ipText(family, first)} ${port ?? "all"}`);
  });
  for (let at = 0; at < text.length; at += piece) reader.write(text.slice(at, at + piece));
  return { targets, notes: reader.end() };
}

function fixture(name: string): string {
  return fs.readFileSync(path.join(FIXTURES, name), "utf8");
}

/** @param inner elements of one host, or of the run before it */
function scan(inner: string): string {
  return `<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun>${inner}</nmaprun>`;
}

const ADDRESS = '<address addr="10.0.0.1" addrtype="ipv4"/>';

function portsOf(...states: [port: number, state: string][]): string {
  const each = states.map(
    ([port, state]) => `<port protocol="tcp" portid="${port}"><state state="${state}"/></port>`,
  );
  return `<ports>${each.join("")}</ports>`;
}

describe("a scan as nmap wrote it", () => {
  it.each<[string, number[], string[], string[]]>([
    [
      "connect.xml",
      [1688],
      ["10.77.0.1 all", "10.77.0.2 all"],
      ["scan.xml: left out 2 hosts: port 1688 not open by the scan"],
    ],
    [
      "connect.xml",
      [22, 1688],
      ["10.77.0.1 1688", "10.77.0.2 1688", "10.77.0.3 22"],
      ["scan.xml: left out 1 host: none of the ports open by the scan"],
    ],
    ["ipv6.xml", [1688], ["fd00:77::1 all"], ["scan.xml: left out 1 host: port 1688 not open by the scan"]],
    ["ping-only.xml", [1688, 1700], ["10.77.0.0 all", "10.77.0.1 all", "10.77.0.2 all", "10.77.0.3 all"], []],
    [
      "other-port.xml",
      [1688],
      ["10.77.0.1 all", "10.77.0.2 all", "10.77.0.3 all"],
      ["scan.xml: the scan did not look at port 1688: swept on every host that is up"],
    ],
    [
      "other-port.xml",
      [22, 1688, 1700],
      ["10.77.0.1 1688", "10.77.0.1 1700", "10.77.0.2 1688", "10.77.0.2 1700", "10.77.0.3 all"],
      ["scan.xml: the scan did not look at 2 ports: swept on every host that is up"],
    ],
    [
      "verbose.xml",
      [1688],
      ["10.78.0.2 all"],
      ["scan.xml: left out 2 hosts: port 1688 not open by the scan"],
    ],
    [
      "udp.xml",
      [1688],
      ["10.78.0.2 all"],
      ["scan.xml: the scan did not look at port 1688: swept on every host that is up"],
    ],
    ["masscan.xml", [1688], ["10.78.0.2 all"], ["scan.xml: left out 1 host: port 1688 not open by the scan"]],
    ["masscan.xml", [22, 1688], ["10.78.0.3 22", "10.78.0.2 1688"], []],
    [
      "interrupted.xml",
      [1688],
      ["10.77.0.1 all", "10.77.0.2 all"],
      [
        "scan.xml: it ends at line 144 without </nmaprun>, as an interrupted scan does: taken as far as it goes",
        "scan.xml: left out 13 hosts: port 1688 not open by the scan",
      ],
    ],
  ])("%s, ports %j", (name, swept, targets, notes) => {
    expect(take(fixture(name), swept)).toEqual({ targets, notes });
  });

  it.each(["connect.xml", "verbose.xml", "interrupted.xml"])(
    "%s is the same in pieces of any size",
    (name) => {
      const text = fixture(name);
      const whole = take(text);
      for (const piece of [1, 2, 7, 1_000]) expect(take(text, [1688], piece)).toEqual(whole);
    },
  );

  it("cut anywhere is taken as far as it goes, or has a mistake that names the place", () => {
    const text = fixture("verbose.xml");
    const { targets } = take(text);
    const ended = text.indexOf("</host>") + "</host>".length;
    for (let length = 0; length < text.length - 1; length += 3) {
      const cut = text.slice(0, length);
      if (length < ended) {
        expect(() => take(cut)).toThrow(/^scan\.xml, line \d+, column \d+: it ends before its first host/);
        continue;
      }
      const taken = take(cut);
      expect(targets.slice(0, taken.targets.length)).toEqual(taken.targets);
      expect(taken.notes[0]).toMatch(/^scan\.xml: it ends at line \d+ without <\/nmaprun>/);
    }
  });
});

describe("a host of a scan", () => {
  it.each<[string, string, string[]]>([
    ["without a status counts as up", ADDRESS, ["10.0.0.1 all"]],
    ["that is up", `<status state="up"/>${ADDRESS}`, ["10.0.0.1 all"]],
    ["that is down is left out", `<status state="down"/>${ADDRESS}`, []],
    ["of an unknown state is left out", `<status state="unknown"/>${ADDRESS}`, []],
    [
      "may have both families and a MAC address",
      `${ADDRESS}<address addr="92:09:AA:4B:35:FE" addrtype="mac"/><address addr="fd00::A" addrtype="ipv6"/>`,
      ["10.0.0.1 all", "fd00::a all"],
    ],
    ["with a port that is open", ADDRESS + portsOf([1688, "open"]), ["10.0.0.1 all"]],
    ["with a port that is open or filtered", ADDRESS + portsOf([1688, "open|filtered"]), ["10.0.0.1 all"]],
    ["with a port that is filtered", ADDRESS + portsOf([1688, "filtered"]), []],
    ["with a port that is closed", ADDRESS + portsOf([1688, "closed"]), []],
    [
      "with other ports listed, by a scan that does not say what it looked at",
      ADDRESS + portsOf([22, "open"]),
      [],
    ],
    ["with an empty element of ports", `${ADDRESS}<ports></ports>`, ["10.0.0.1 all"]],
    [
      "with ports of UDP",
      `${ADDRESS}<ports><port protocol="udp" portid="1688"><state state="closed"/></port></ports>`,
      ["10.0.0.1 all"],
    ],
    ["without an address", "<status state='up'/>", []],
  ])("%s", (_, inner, targets) => {
    expect(take(scan(`<host>${inner}</host>`)).targets).toEqual(targets);
  });

  it("has those ports to be swept that may be open, and those the scan did not look at", () => {
    const info = '<scaninfo type="syn" protocol="tcp" numservices="4" services="1-3,1688"/>';
    const filtered = `<ports><extraports state="open|filtered" count="3"/><port protocol="tcp" portid="2"><state state="closed"/></port></ports>`;
    const host = `<host>${ADDRESS}${filtered}</host>`;
    expect(take(scan(info + host), [1, 2, 4, 1688])).toEqual({
      targets: ["10.0.0.1 1", "10.0.0.1 4", "10.0.0.1 1688"],
      notes: ["scan.xml: the scan did not look at port 4: swept on every host that is up"],
    });
  });

  it("is left out where its address is never swept, and that is said", () => {
    const host = '<host><address addr="fe80::1" addrtype="ipv6"/></host>';
    expect(take(scan(host + host))).toEqual({
      targets: [],
      notes: ["scan.xml: left out 2 addresses: link-local addresses (fe80::/10), which need an interface"],
    });
  });

  it("is one only where nmap puts it: hints, traceroutes and scripts have addresses, too", () => {
    const elsewhere = `<hosthint><status state="up"/>${ADDRESS}</hosthint><x><host>${ADDRESS}</host></x>`;
    const within = `<trace><hop ipaddr="10.9.9.9"/>${ADDRESS}</trace><x><status state="down"/></x>`;
    const host = `<host><address addr="10.0.0.2" addrtype="ipv4"/>${within}</host>`;
    expect(take(scan(elsewhere + host)).targets).toEqual(["10.0.0.2 all"]);
  });
});

describe("XML that is none, or none of nmap's", () => {
  const refused: [text: string, message: string][] = [
    [
      "<nmaprun>\n  <host></nmaprun>",
      "scan.xml, line 2, column 18: it is no well-formed XML: unexpected close tag.",
    ],
    [
      "<nmaprun>\n<host a=1/></nmaprun>",
      "scan.xml, line 2, column 9: it is no well-formed XML: unquoted attribute value.",
    ],
    [
      '<?xml version="1.0"?><nmaprun></nmaprun>\n<?xml version="1.0"?><nmaprun></nmaprun>',
      "scan.xml, line 2, column 6: it has more than one document, as nmap --append-output leaves them: give each scan a file of its own",
    ],
    ["<nmaprun></nmaprun><more/>", "it is no well-formed XML: documents may contain only one root."],
    ["<nmaprun></nmaprun>more", "it is no well-formed XML: text data outside of root node."],
    [
      "<html><body/></html>",
      "scan.xml, line 1, column 6: it begins with <html>, not with <nmaprun>: write it with nmap -oX",
    ],
    ["<?xml version='1.0'?>", "it ends before its first host: scan again with nmap -oX"],
    ["<nmaprun>", "it ends before its first host: scan again with nmap -oX"],
    ["<nmaprun><host>", "it ends before its first host"],
    [
      scan('<host><address addr="kms1" addrtype="ipv4"/></host>'),
      "line 3, column 53: it has an address 'kms1', which is none",
    ],
    [scan('<host><address addr="\u001b[2J"/></host>'), "it is no well-formed XML: disallowed character."],
    [scan(`<host>${ADDRESS.repeat(65)}</host>`), "it has a host with more than 64 addresses"],
    [
      scan('<host><ports><port protocol="tcp" portid="x"/></ports></host>'),
      "it has a port 'x', which is none",
    ],
    [scan('<scaninfo protocol="tcp" services="1-x"/>'), "it has a range of ports '1-x', which is none"],
    [
      scan(`<scaninfo protocol="tcp" services="${"1-65535,".repeat(65_536)}1"/>`),
      "it lists more ranges of ports than there are ports",
    ],
    [scan("<a>".repeat(64)), "it nests more than 64 elements: this is not nmap's XML"],
  ];

  it.each(refused.map(([text, message]) => ({ text, message })))("$message", ({ text, message }) => {
    expect(() => take(text)).toThrow(UsageError);
    expect(() => take(text)).toThrow(message);
  });

  it.each([
    ["an attribute", '<a b="'],
    ["a comment", "<!--"],
    ["text", "<a>"],
    ["a tag's name", "<a"],
    ["attributes", "<a b='1' "],
    ["the text of an entity", "<a>&"],
  ])("has %s that never ends", (_, start) => {
    const text = `<nmaprun>${start}${(start.endsWith(" ") ? "" : "a").repeat(2 << 20)}${start.endsWith(" ") ? Array.from({ length: 200_000 }, (__, each) => `a${each}='' `).join("") : ""}`;
    expect(() => take(text, [1688], 65_536)).toThrow(
      "has more than a million characters without a tag: this is not nmap's XML",
    );
  });

  it.each([
    ["is not expanded", '<!DOCTYPE nmaprun [<!ENTITY a "10.0.0.1">]>', "&a;"],
    [
      "is not expanded a billion times",
      '<!DOCTYPE nmaprun [<!ENTITY b "xxx"><!ENTITY a "&b;&b;&b;&b;">]>',
      "&a;",
    ],
    ["is not fetched", '<!DOCTYPE nmaprun [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"],
  ])("has an entity that %s", (_, doctype, entity) => {
    const text = `${doctype}<nmaprun><host><address addr="${entity}" addrtype="ipv4"/></host></nmaprun>`;
    expect(() => take(text)).toThrow("it is no well-formed XML: undefined entity.");
  });

  it("may have what XML itself defines", () => {
    const host = '<host><address addr="10&#46;0.0.1" addrtype="ipv4"/><x a="&lt;&amp;&gt;"/></host>';
    expect(take(scan(host)).targets).toEqual(["10.0.0.1 all"]);
  });
});
