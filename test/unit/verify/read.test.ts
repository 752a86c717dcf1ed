import { describe, expect, it } from "vitest";
import { readPolicy } from "../../../src/verify/read.ts";
import { parseSetting } from "../../../src/verify/variables.ts";
import { mistakesIn, policyOf } from "./policies.ts";

const WHOLE = `version: 1
name: KMS after the change
variables:
  domain: corp.example
  kms: [kms1.corp.example, "[fd00::1]:1700"]
  n: 2
domains: \${domain}
resolvers: [10.0.0.53, "[fd00::53]:5353"]
networks: { vpn: 10.8.0.0/24 }
settings: { timeout: 2s, retries: 0, dns-tcp: true }
baseline: { latency-tolerance: 100%, latency-floor: 10ms }
expect:
  - serve: { require: "\${n}", every-address: true }
    id: serves
    name: the office is served
    level: warning
    from: [eth0, vpn]
    resolvers: 10.0.0.53
  - closed: { hosts: [10.30.0.0/30, 10.0.0.9:445, db.corp.example], ports: [1688, 139], answer: refused }
  - latency: { hosts: "\${kms}", median: 50ms, p95: 0.2s, connect: 30ms, samples: 7 }
  - listed: { must: kms1.corp.example, may: [kms2.corp.example:1688] }
  - agree: { addresses: true }
  - clock: { within: 5m, unseen: accept }
  - permitted: { allow: [10.0.0.0/24, kms1.corp.example, "10.0.1.1:1688"] }
  - lint: { allow: [lint-other-port], notes: true }
`;

describe("a policy", () => {
  it("is read whole, with its variables in place", () => {
    const policy = policyOf(WHOLE);
    expect(policy).toMatchObject({
      file: "policy.yaml",
      name: "KMS after the change",
      place: null,
      domains: ["corp.example"],
      hosts: [],
      resolvers: [
        { address: "10.0.0.53", port: 53 },
        { address: "fd00::53", port: 5353 },
      ],
      networks: [{ name: "vpn", cidr: "10.8.0.0/24" }],
      from: [null],
      settings: { timeout: 2_000, retries: 0, "dns-tcp": true },
      noise: { ratio: 1, floorMs: 10 },
    });
    expect(policy.expectations.map(({ id }) => id)).toEqual([
      "serves",
      "closed-1",
      "latency-1",
      "listed-1",
      "agree-1",
      "clock-1",
      "permitted-1",
      "lint-1",
    ]);
  });

  it("keeps of each expectation what it demands, where it stands and who looks from where", () => {
    const [serves, closed, latency, listed, , clock, permitted, lint] = policyOf(WHOLE).expectations;
    expect(serves).toEqual({
      id: "serves",
      name: "the office is served",
      level: "warning",
      at: { line: 13, column: 5 },
      from: ["eth0", "vpn"],
      resolvers: [{ address: "10.0.0.53", port: 53 }],
      elsewhere: null,
      demand: { kind: "serve", require: 2, "every-address": true, domains: ["corp.example"], hosts: [] },
    });
    expect(closed?.demand).toMatchObject({ kind: "closed", ports: [1688, 139], answer: "refused" });
    expect(latency?.demand).toMatchObject({
      domains: [],
      hosts: [
        { host: "kms1.corp.example", port: 1688 },
        { host: "fd00::1", port: 1700 },
      ],
      median: 50,
      p95: 200,
      connect: 30,
      samples: 7,
    });
    expect(listed?.demand).toMatchObject({
      domains: ["corp.example"],
      must: [{ host: "kms1.corp.example", port: null }],
      may: [{ host: "kms2.corp.example", port: 1688 }],
    });
    expect(clock?.demand).toMatchObject({ within: 300_000, unseen: "accept" });
    expect(permitted?.demand).toMatchObject({
      allow: [
        { kind: "cidr", text: "10.0.0.0/24", port: null },
        { kind: "name", text: "kms1.corp.example", port: null },
        { kind: "address", text: "10.0.1.1", port: 1688 },
      ],
    });
    expect(lint?.demand).toMatchObject({ allow: ["lint-other-port"], notes: true });
  });

  it("names what has no name by what it demands", () => {
    const names = policyOf(WHOLE).expectations.map(({ name }) => name);
    expect(names).toEqual([
      "the office is served",
      "10.30.0.0/30, 10.0.0.9:445 and db.corp.example refuse on ports 1688 and 139",
      "kms1.corp.example and [fd00::1]:1700: RPC within median 50 ms and p95 200 ms of 7, TCP within 30 ms",
      "corp.example: lists kms1.corp.example, and at most kms2.corp.example:1688 besides",
      "the resolvers agree about corp.example and the hosts' addresses",
      "hosts of corp.example: clocks within 5 min of this machine's",
      "hosts of corp.example: permitted ones only",
      "the records of corp.example are clean",
    ]);
  });

  it("may be no more than targets: they are looked at, for the baseline", () => {
    const { expectations, hosts } = policyOf("version: 1\nhosts: kms1.corp.example\n");
    expect({ expectations, hosts }).toEqual({
      expectations: [],
      hosts: [{ host: "kms1.corp.example", port: 1688 }],
    });
  });

  it("may use YAML's anchors", () => {
    const { expectations } = policyOf(
      "version: 1\nhosts: &all [a.example, b.example]\nexpect:\n  - serve: { hosts: *all }\n",
    );
    expect(expectations[0]?.demand).toMatchObject({
      hosts: [
        { host: "a.example", port: 1688 },
        { host: "b.example", port: 1688 },
      ],
    });
  });
});

describe("variables", () => {
  const text = "version: 1\nvariables: { a: one.example, n: 3 }\ndomains: ${a}\nexpect:\n  - serve: {}\n";

  it("can be set from outside, as YAML has values", () => {
    expect(policyOf(text, { set: new Map([parseSetting("a=two.example")]) }).domains).toEqual([
      "two.example",
    ]);
    expect(policyOf(text, { set: new Map([parseSetting("a=[x.example, y.example]")]) }).domains).toEqual([
      "x.example",
      "y.example",
    ]);
  });

  it.each([
    ["n=20", ["n", 20]],
    ["host=[fd00::1]:1688", ["host", "[fd00::1]:1688"]],
    ["list=[a, b]", ["list", ["a", "b"]]],
    ["empty=", ["empty", ""]],
    ["text=a=b", ["text", "a=b"]],
  ])("--set %s is taken as it is meant", (written, setting) => {
    expect(parseSetting(written)).toEqual(setting);
  });

  it.each(["novalue", "=x", "1a=x", "a b=c"])("--set %s is refused", (written) => {
    expect(() => parseSetting(written)).toThrow("is not NAME=VALUE, as in domain=corp.example");
  });

  it("stand inside of longer texts, and two dollars for one", () => {
    const { expectations, name } = policyOf(
      "version: 1\nname: costs $${a}\nvariables: { a: corp }\nexpect:\n  - serve: { hosts: 'kms1.${a}.example' }\n",
    );
    expect(name).toBe("costs ${a}");
    expect(expectations[0]?.demand).toMatchObject({ hosts: [{ host: "kms1.corp.example", port: 1688 }] });
  });

  it("are not looked for in variables", () => {
    expect(policyOf("version: 1\nvariables: { a: '${b}' }\ndomains: x.example\n").domains).toEqual([
      "x.example",
    ]);
  });

  it("that are a list stand for a whole value only", () => {
    expect(mistakesIn("version: 1\nvariables: { l: [a, b] }\ndomains: x.${l}\n")).toEqual([
      "policy.yaml:3:10: 'l' is a list: it stands for a whole value only",
    ]);
  });

  it("that are wrong are reported where they are used", () => {
    expect(mistakesIn("version: 1\nvariables: { l: [ok.example, 10.0.0.300] }\n\nhosts: ${l}\n")).toEqual([
      "policy.yaml:4:8: '10.0.0.300' is not an IPv4 address: write four numbers, as in 10.0.0.1",
    ]);
  });
});

describe("places", () => {
  const text = `version: 1
variables: { domain: corp.example }
domains: \${domain}
from: eth0
networks: { hq: 10.20.0.0/16 }
settings: { timeout: 4s, count: 5 }
expect:
  - serve: {}
  - id: segment
    closed: { hosts: 10.30.0.0/30 }
  - agree: {}
    places: jump
places:
  jump: {}
  vpn:
    variables: { domain: vpn.example }
    from: [wg0, hq]
    networks: { tunnel: 10.8.0.0/24 }
    settings: { timeout: 8s }
    without: segment
    expect:
      - serve: { hosts: kms9.corp.example }
`;

  it("lay their part over the rest", () => {
    const { domains, from, networks, settings, expectations } = policyOf(text, { place: "vpn" });
    expect({ domains, from, networks, settings }).toEqual({
      domains: ["vpn.example"],
      from: ["wg0", "hq"],
      networks: [
        { name: "hq", cidr: "10.20.0.0/16" },
        { name: "tunnel", cidr: "10.8.0.0/24" },
      ],
      settings: { timeout: 8_000, count: 5 },
    });
    expect(expectations.map(({ id, elsewhere, at }) => ({ id, elsewhere, line: at.line }))).toEqual([
      { id: "serve-1", elsewhere: null, line: 8 },
      { id: "agree-1", elsewhere: ["jump"], line: 11 },
      { id: "serve-2", elsewhere: null, line: 22 },
    ]);
  });

  it("leave alone what is another's", () => {
    const { domains, from, expectations } = policyOf(text, { place: "jump" });
    expect({ domains, from }).toEqual({ domains: ["corp.example"], from: ["eth0"] });
    expect(expectations.map(({ id, elsewhere }) => ({ id, elsewhere }))).toEqual([
      { id: "serve-1", elsewhere: null },
      { id: "segment", elsewhere: null },
      { id: "agree-1", elsewhere: null },
    ]);
  });

  it("have to be named where there are some", () => {
    expect(mistakesIn(text)).toEqual(["policy.yaml:14:3: it has places: name one with --place jump, vpn"]);
    expect(mistakesIn(text, { place: "vnp" })).toEqual([
      "policy.yaml:14:3: there is no place 'vnp': did you mean 'vpn'?",
    ]);
    expect(mistakesIn("version: 1\ndomains: a.example\n", { place: "vpn" })).toEqual([
      "policy.yaml:1:1: it has no places, and --place names 'vpn'",
    ]);
  });

  it("are checked whichever is chosen", () => {
    const wrong = text.replace("settings: { timeout: 8s }", "settings: { timeout: soon }");
    expect(mistakesIn(wrong, { place: "jump" })).toEqual([
      "policy.yaml:19:26: the time 'soon' is not a time: write one such as 500ms, 5s or 1m (up to 24h)",
    ]);
  });
});

describe("a mistake is reported with its line, its column and what was meant", () => {
  const head = "version: 1\ndomains: corp.example\n";

  it.each([
    ["a misspelt key", "domian: x.example\n", "3:1: there is no key 'domian' here: did you mean 'domains'?"],
    ["a misspelt kind", "expect:\n  - serv: {}\n", "4:5: there is no key 'serv' here: did you mean 'serve'?"],
    [
      "a misspelt key of a kind",
      "expect:\n  - serve: { requires: all }\n",
      "4:14: there is no key 'requires' here: did you mean 'require'?",
    ],
    [
      "an unlikely key",
      "expect:\n  - serve: { xyzzy: all }\n",
      "4:14: there is no key 'xyzzy' here: write one of domains, hosts, require, every-address",
    ],
    [
      "a bad host",
      "hosts: [ok.example, 10.0.0.300]\n",
      "3:21: '10.0.0.300' is not an IPv4 address: write four numbers, as in 10.0.0.1",
    ],
    [
      "a bad time",
      "settings: { timeout: soon }\n",
      "3:22: the time 'soon' is not a time: write one such as 500ms, 5s or 1m (up to 24h)",
    ],
    [
      "a bad word",
      "expect:\n  - closed: { hosts: 10.0.0.1, answer: refuse }\n",
      "4:40: 'refuse' is none of any, no-answer, refused: did you mean 'refused'?",
    ],
    [
      "a bad requirement",
      "expect:\n  - serve: { require: most }\n",
      "4:23: require 'most' is none of any, all or a number of hosts from 1",
    ],
    [
      "a bad finding",
      "expect:\n  - lint: { allow: lint-tll }\n",
      "4:20: 'lint-tll' is no lint finding: did you mean 'lint-ttl'?",
    ],
    [
      "an unknown variable",
      "variables: { colour: red }\nhosts: ${color}\n",
      "4:8: no variable is called 'color': did you mean 'colour'?",
    ],
    [
      "no variable at all",
      "hosts: ${color}\n",
      "3:8: no variable is called 'color': define it under variables",
    ],
    ["a variable's name", "variables: { 1a: x }\n", "3:14: a variable's name is letters, digits, _ and -"],
    [
      "an id twice",
      "expect:\n  - serve: {}\n    id: a\n  - agree: {}\n    id: a\n",
      "6:5: the id 'a' is that of line 4, too: give it another",
    ],
    [
      "two kinds at once",
      "expect:\n  - serve: {}\n    agree: {}\n",
      "4:5: it expects serve and agree: make it 2 expectations",
    ],
    [
      "no kind",
      "expect:\n  - name: something\n",
      "4:5: it expects nothing: add one of serve, closed, latency, listed, agree, clock, permitted, lint",
    ],
    [
      "a bound that bounds nothing",
      "expect:\n  - latency: {}\n",
      "4:14: it bounds nothing: add median, p95 or connect",
    ],
    ["a list that demands nothing", "expect:\n  - listed: {}\n", "4:13: it demands nothing: add must or may"],
    [
      "a key that is missing",
      "expect:\n  - clock: {}\n",
      "4:12: 'within' is missing here: write a time such as 500ms, 5s or 1m",
    ],
    [
      "a map where a list is",
      "expect: { serve: {} }\n",
      "3:9: 'expect' is to be a list, each entry behind a dash",
    ],
    [
      "a text where a map is",
      "settings: fast\n",
      "3:11: 'settings' is to be a map: timeout, retries, rpc-timeout, dns-timeout, deadline, client-timeout, dns-tcp, count, concurrency",
    ],
    ["a text where a switch is", "settings: { dns-tcp: yes }\n", "3:22: write true or false"],
    [
      "a subnet that is none",
      "networks: { a: 10.0.0.0/33 }\n",
      "3:16: '10.0.0.0/33' is not a subnet: write one such as 10.20.0.0/16",
    ],
    [
      "a segment too large",
      "expect:\n  - closed: { hosts: 10.0.0.0/8 }\n",
      "4:22: '10.0.0.0/8' holds more than 4,096 addresses: name smaller subnets, or sweep it",
    ],
    [
      "a place that is none",
      "expect:\n  - serve: {}\n    places: hq\n",
      "5:13: the policy has no places, and this is for 'hq'",
    ],
    [
      "a version of the future",
      "x: 1\n",
      "3:1: there is no key 'x' here: write one of version, name, variables, domains, hosts, resolvers, networks, from, settings, expect, baseline, places",
    ],
    ["a key twice", "domains: b.example\n", "3:1: this is no YAML: Map keys must be unique"],
    [
      "an address in brackets",
      "hosts: [[fd00::1]:1688]\n",
      "3:9: this is no YAML: With stringKeys, all keys must be strings (put it into quotes: '[fd00::1]:1688')",
    ],
    [
      "a variable within braces",
      "expect:\n  - serve: { hosts: ${x} }\n",
      "4:22: this is no YAML: Unexpected flow-map-start at node end (put it into quotes: '${x}')",
    ],
    ["an alias of nothing", "hosts: *all\n", "3:8: no anchor '&all' stands before this alias"],
    ["a second document", "---\nversion: 1\n", "3:1: a second document begins here: a policy is one"],
    ["an open quote", 'name: "half\n', '4:1: this is no YAML: Missing closing "quote'],
  ])("%s", (_, text, message) => {
    expect(mistakesIn(head + text)).toEqual([`policy.yaml:${message}`]);
  });

  it("all of them at once, the first ten", () => {
    const hosts = Array.from({ length: 13 }, (_, index) => `  - 10.0.0.${300 + index}`).join("\n");
    const lines = mistakesIn(`version: 1\nhosts:\n${hosts}\n`);
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe(
      "policy.yaml:3:5: '10.0.0.300' is not an IPv4 address: write four numbers, as in 10.0.0.1",
    );
    expect(lines[10]).toBe("policy.yaml: and 3 more mistakes");
  });

  it.each([
    [
      "an empty file",
      "",
      "1:1: the policy is to be a map: version, name, variables, domains, hosts, resolvers, networks, from, settings, expect, baseline, places",
    ],
    [
      "a list",
      "- a\n",
      "1:1: the policy is to be a map: version, name, variables, domains, hosts, resolvers, networks, from, settings, expect, baseline, places",
    ],
    [
      "no version",
      "domains: a.example\n",
      "1:1: 'version' is missing here: write 1: the version of this format",
    ],
    ["another version", "version: 2\ndomains: a.example\n", "1:10: write 1: the version of this format"],
    ["nothing to look at", "version: 1\n", "1:1: it expects nothing: add entries under expect"],
    [
      "no targets",
      "version: 1\nexpect:\n  - serve: {}\n",
      "3:12: it names no domains or hosts, and neither does the policy: add some",
    ],
    [
      "no domains",
      "version: 1\nhosts: a\nexpect:\n  - agree: {}\n",
      "4:12: it names no domains, and neither does the policy: add some",
    ],
  ])("%s", (_, text, message) => {
    expect(mistakesIn(text)).toEqual([`policy.yaml:${message}`]);
  });

  it("what unfolds to something enormous is refused", () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) =>
        `  a${index + 1}: &a${index + 1} [${Array.from({ length: 9 }, () => `*a${index}`).join(", ")}]\n`,
    ).join("");
    expect(mistakesIn(`version: 1\nvariables:\n  a0: &a0 [x]\n${levels}`)).toEqual([
      "policy.yaml:4:12: its aliases unfold to too many values: write them out",
    ]);
  });
});

describe("a slip that would be a green run", () => {
  it.each(["median", "p95", "connect"])("is a bound of latency without a unit: %s", (key) => {
    const policy = `version: 1\nhosts: kms1\nexpect:\n  - latency: { ${key}: 50 }\n`;
    expect(() => policyOf(policy)).toThrow("'50' has no unit: write 50ms or 50s");
    expect(() => policyOf(policy.replace("50", "50ms"))).not.toThrow();
  });

  it.each([
    ["hsot", "variables: { host: kms1 }\n", "did you mean 'host'?"],
    ["host", "", "it has none"],
  ])("is --set %s where the policy has %j", (name, variables, hint) => {
    const chosen = { file: "policy.yaml", place: null, set: new Map([[name, "kms2"]]) };
    expect(() => readPolicy(`version: 1\n${variables}hosts: kms1\nexpect: [serve: {}]\n`, chosen)).toThrow(
      `--set ${name}: policy.yaml has no variable of that name: ${hint}`,
    );
  });

  it("is not --set of a variable that is used and left to be set", () => {
    const chosen = { file: "policy.yaml", place: null, set: new Map([["host", "kms2"]]) };
    const policy = readPolicy(`version: 1\nhosts: \${host}\nexpect: [serve: {}]\n`, chosen);
    expect(policy.hosts).toEqual([{ host: "kms2", port: 1688 }]);
  });

  const PLACES = `version: 1
variables: { shared: a.example }
expect: [{ serve: { hosts: "\${shared}" } }]
places:
  jump: { variables: { own: kms1 }, hosts: "\${own}" }
  vpn: { hosts: "\${left}" }
`;

  it("is no --set of a variable that only another place has", () => {
    const left = new Map([["left", "kms9"]]);
    expect(mistakesIn(PLACES, { place: "jump", set: left })).toEqual([
      "--set left: policy.yaml has it at vpn only: leave it out, or name that place with --place",
    ]);
    expect(mistakesIn(PLACES, { place: "vpn", set: new Map([["own", "kms9"]]) })).toEqual([
      "--set own: policy.yaml has it at jump only: leave it out, or name that place with --place",
    ]);
    expect(policyOf(PLACES, { place: "vpn", set: left }).hosts).toEqual([{ host: "kms9", port: 1688 }]);
    expect(policyOf(PLACES, { place: "jump", set: new Map([["shared", "b.example"]]) }).hosts).toEqual([
      { host: "kms1", port: 1688 },
    ]);
  });

  it("is no variable that is left to be set: at its place it is asked for, and at others not", () => {
    expect(mistakesIn(PLACES, { place: "vpn" })).toEqual([
      "policy.yaml:6:17: no variable is called 'left': write one of shared",
    ]);
    expect(policyOf(PLACES, { place: "jump" }).hosts).toEqual([{ host: "kms1", port: 1688 }]);
  });

  it("is no --set of what is referred to by way of an alias, of which there may be circles", () => {
    const circle = 'version: 1\nhosts: &h ["${a}"]\nexpect: [serve: { hosts: *h }]\n';
    expect(policyOf(circle, { set: new Map([["a", "kms1"]]) }).hosts).toEqual([{ host: "kms1", port: 1688 }]);
    expect(
      mistakesIn("version: 1\nhosts: &h [*h, '${a}']\n", { set: new Map([["a", "kms1"]]) }),
    ).toHaveLength(1);
  });
});
