/** The bind against RPC stacks that know nothing of us, and what of ours was on the wire while it ran. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EndpointDiagnosis } from "../../src/model/diagnosis.ts";
import type { Report } from "../../src/model/report.ts";
import type { BindAckFacts } from "../../src/model/rpc.ts";
import { decodeAnswer, frame } from "../../src/protocol/dcerpc/answer.ts";
import {
  encodeAlterContext,
  encodeBind,
  PLAIN_CONTEXTS,
  WINDOWS_CONTEXTS,
} from "../../src/protocol/dcerpc/bind.ts";
import {
  DECOY_INTERFACE,
  KMS_INTERFACE,
  KMS_OTHER_VERSION,
  NDR32,
  NDR64,
} from "../../src/protocol/dcerpc/syntax.ts";
import { encodeQuery } from "../../src/protocol/dns/query.ts";
import type { QueryType } from "../../src/protocol/dns/query.ts";
import { monotonicClock } from "../../src/transport/clock.ts";
import { connect, type Connection } from "../../src/transport/tcp.ts";
import { needs } from "./servers/available.ts";
import { startImpacket } from "./servers/impacket.ts";
import { startNamed } from "./servers/named.ts";
import { startSamba } from "./servers/samba.ts";
import { startOpensslServer } from "./servers/tcp-services.ts";
import {
  captureLoopback,
  complaints,
  type DecodedFrame,
  decodeDatagrams,
  decodeFrames,
} from "./servers/tshark.ts";
import { findingsOf } from "./support/checked-report.ts";
import { KMS_INTERFACE as KMS, runCheck } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux", "root", "samba-dcerpcd", "impacket", "openssl", "named");
const { skip: skipWire } = needs("root", "tshark", "text2pcap", "dumpcap");

/** The endpoint mapper's own interface: Samba accepts it. */
const EPMAPPER = { uuid: "e1af8308-5d1f-11c9-91a4-08002b14a0fa", major: 3, minor: 0 };

type Place = { address: string; port: number };

const started: { stop: () => Promise<void> }[] = [];
let peers: { epmapper: Place; lsarpc: Place; kms: Place; other: Place; tls: Place; silent: Place };
let resolver: Place;
let report: Report;

/** What each peer received over the whole of that check, a list of frames with payload for each connection. */
let received: Record<keyof typeof peers, DecodedFrame[]>;
let questions: DecodedFrame[] = [];

beforeAll(async () => {
  if (skip) return;
  const starting = {
    samba: startSamba(),
    kms: startImpacket(KMS),
    other: startImpacket({ uuid: EPMAPPER.uuid, version: "3.0" }),
    tls: startOpensslServer(),
    silent: startSilentPeer(),
    named: startNamed({
      zones: { "corp.test": "kms IN A 127.0.0.1\n_vlmcs._tcp IN SRV 0 0 1 absent\n" },
    }),
  };
  for (const each of await Promise.allSettled(Object.values(starting))) {
    if (each.status === "fulfilled") started.push(each.value);
  }
  const { address, epmapperPort, lsarpcPort } = await starting.samba;
  peers = {
    epmapper: { address, port: epmapperPort },
    lsarpc: { address, port: lsarpcPort },
    kms: await starting.kms,
    other: await starting.other,
    tls: await starting.tls,
    silent: await starting.silent,
  };
  resolver = await starting.named;
  const hosts = Object.values(peers).map(({ address: host, port }) => `${host}:${port}`);
  const discovery = ["-d", "corp.test", "-r", `${resolver.address}:${resolver.port}`];
  const args = [...hosts, ...discovery, "--rpc-timeout", "2s", "--count", "5"];
  if (skipWire) {
    ({ report } = await runCheck(args));
    return;
  }
  const names = ["epmapper", "lsarpc", "kms", "other", "tls", "silent"] as const;
  const captures = await Promise.all(names.map((name) => captureLoopback({ port: peers[name].port })));
  const dns = await captureLoopback({ port: resolver.port, transport: "udp" });
  ({ report } = await runCheck(args));
  const stopped = await Promise.all([dns, ...captures].map((capture) => capture.stop()));
  const [overUdp = [], ...overTcp] = stopped.map((frames) =>
    frames.filter(({ payloadBytes }) => payloadBytes > 0),
  );
  questions = overUdp.filter(({ dstPort }) => dstPort === resolver.port);
  const to = (name: keyof typeof peers): DecodedFrame[] =>
    (overTcp[names.indexOf(name)] ?? []).filter(({ dstPort }) => dstPort === peers[name].port);
  received = {
    epmapper: to("epmapper"),
    lsarpc: to("lsarpc"),
    kms: to("kms"),
    other: to("other"),
    tls: to("tls"),
    silent: to("silent"),
  };
});

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
});

function endpoint(name: keyof typeof peers): EndpointDiagnosis {
  const { address, port } = peers[name];
  const found = report.diagnoses
    .flatMap(({ endpoints }) => endpoints)
    .find((each) => each.endpoint.host === address && each.endpoint.port === port);
  if (found === undefined) throw new Error(`no ${name} in the report`);
  return found;
}

function rpcOf(name: keyof typeof peers): NonNullable<EndpointDiagnosis["attempts"][number]["rpc"]> {
  const rpc = endpoint(name).attempts[0]?.rpc;
  if (!rpc) throw new Error(`RPC was not tried at ${name}`);
  return rpc;
}

/** "NDR32 0/0, ...": result and reason of each context, from an acceptance or a rejection. */
function contextsOf(name: keyof typeof peers): string {
  return ackOf(name)
    .contexts.map(({ offered, result, reason }) => `${offered} ${result}/${reason}`)
    .join(", ");
}

function ackOf(name: keyof typeof peers): BindAckFacts {
  const { answer } = rpcOf(name).bind;
  if (answer.outcome === "ok") return answer.facts;
  if (answer.outcome === "denied" && answer.denial.kind === "contexts") return answer.denial.ack;
  throw new Error(`${name} sent no bind_ack`);
}

const NOT_ASKED = {
  plain: null,
  control: { by: "alter-context", answer: "not-asked" },
  latency: { asked: 0, samplesMs: [] },
};

describe.skipIf(skip)("Samba", () => {
  test.each(["epmapper", "lsarpc"] as const)("%s is an RPC server without the KMS interface", (name) => {
    expect(contextsOf(name)).toBe("NDR32 2/1, NDR64 2/1, BTFN 3/3");
    expect(endpoint(name).verdict).toMatchObject({ code: "rpc-interface-unknown", certainty: "certain" });
    expect(rpcOf(name)).toMatchObject(NOT_ASKED);
  });

  test("says its port as secondary address at the endpoint mapper, and nothing at lsarpc", () => {
    expect(ackOf("epmapper")).toMatchObject({ secondaryAddress: "135", maxXmitFrag: 5840, pfcFlags: 3 });
    expect(ackOf("lsarpc")).toMatchObject({ secondaryAddress: "", maxXmitFrag: 5840, pfcFlags: 3 });
  });

  test("on a bound connection, rejects the decoy that an alter_context offers and takes its own interface again", async () => {
    const connection = await connected(peers.epmapper);
    try {
      const own = { id: 0, abstract: EPMAPPER, transfer: NDR32 };
      const bound = await answerTo(connection, encodeBind([own], 1));
      expect(bound).toMatchObject({ kind: "accepted-pdu", ptype: 12, results: [{ result: 0, reason: 0 }] });
      const group = bound.kind === "accepted-pdu" ? bound.assocGroupId : 0;
      const decoy = { id: 3, abstract: DECOY_INTERFACE, transfer: NDR32 };
      expect(await answerTo(connection, encodeAlterContext([decoy], 2, group))).toMatchObject({
        kind: "accepted-pdu",
        ptype: 15,
        results: [{ result: 2, reason: 1 }],
      });
      for (const callId of [3, 4, 5]) {
        expect(await answerTo(connection, encodeAlterContext([own], callId, group))).toMatchObject({
          kind: "accepted-pdu",
          ptype: 15,
          callId,
          results: [{ result: 0, reason: 0 }],
        });
      }
    } finally {
      connection.close();
    }
  });
});

async function connected(to: Place): Promise<Connection> {
  const { signal } = new AbortController();
  const result = await connect(to, { timeoutMs: 2_000, signal, clock: monotonicClock });
  if (result.end !== "connected") throw new Error(`no connection: ${result.end}`);
  return result.connection;
}

async function answerTo(
  connection: Connection,
  pdu: Uint8Array,
): Promise<Extract<ReturnType<typeof decodeAnswer>, { ok: true }>["value"]> {
  const { received: bytes } = await connection.exchange(pdu, {
    enough: (soFar) => {
      const framing = frame(soFar);
      return framing.state === "whole" ? framing.length : null;
    },
    limit: 5840,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });
  const decoded = decodeAnswer(bytes);
  if (!decoded.ok) throw new Error(decoded.fault.what);
  return decoded.value;
}

describe.skipIf(skip)("impacket", () => {
  test("with the KMS interface serves: one context accepted, the other two rejected its own way", () => {
    expect(contextsOf("kms")).toBe("NDR32 0/0, NDR64 1/2, BTFN 1/2");
    expect(ackOf("kms")).toMatchObject({
      secondaryAddress: String(peers.kms.port),
      assocGroupId: 0x1234,
      byteOrder: "little",
    });
    expect(endpoint("kms").verdict).toMatchObject({ code: "rpc-serves", serves: true, certainty: "likely" });
    expect(rpcOf("kms").plain).toBeNull();
  });

  test("meets every alter_context with a fault: fair samples, and no control; a bind to the decoy it closes on", () => {
    const { control, latency } = rpcOf("kms");
    expect(control).toEqual({ by: "bind", answer: "closed" });
    expect(latency.asked).toBe(5);
    expect(latency.samplesMs).toHaveLength(5);
    const list = report.diagnoses.find(({ target }) => target.kind === "list");
    expect(
      list && findingsOf(list).map(({ code, severity, subject }) => ({ code, severity, subject })),
    ).toEqual([
      { code: "rpc-control-unanswered", severity: "note", subject: "/endpoints/2/attempts/0/rpc/control" },
    ]);
  });

  test("without the KMS interface closes without a word, on the plain bind as well", () => {
    const closed = { received: "", answer: { outcome: "no-answer", cause: "closed", kernel: null } };
    expect(rpcOf("other").bind).toMatchObject({ shape: "windows", ...closed });
    expect(rpcOf("other").plain).toMatchObject({ shape: "plain", ...closed });
    // Version 0.10, Debian 12: an unknown interface is an exception in it.
    expect(endpoint("other").verdict).toMatchObject({ code: "rpc-closed", certainty: "ambiguous" });
    expect(endpoint("other").verdict.causes).toContain(
      "an RPC server that doesn't know the KMS interface and says so by closing",
    );
  });

  test.each([0, 1, 20])("--count %i makes as many samples", async (count) => {
    const { address, port } = peers.kms;
    const run = await runCheck([`${address}:${port}`, "--count", String(count)]);
    const rpc = run.report.diagnoses[0]?.endpoints[0]?.attempts[0]?.rpc;
    expect(rpc?.latency.asked).toBe(count);
    expect(rpc?.latency.samplesMs).toHaveLength(count);
    expect(run.report.verdict.code).toBe("rpc-serves");
  });
});

/** "11 of 160": type and length of each PDU, in the order in which the peer got them. */
function pdusTo(name: keyof typeof peers): string[] {
  return received[name].map(({ pdus, payloadBytes }) => {
    return `${pdus.map(({ pktType }) => pktType).join(" and ") || "no PDU"} of ${payloadBytes}`;
  });
}

describe.skipIf(skip || skipWire)("on the wire", () => {
  test("nothing but binds and alter_contexts leaves, one whole PDU in each segment", () => {
    const seen = {
      epmapper: pdusTo("epmapper"),
      lsarpc: pdusTo("lsarpc"),
      kms: pdusTo("kms"),
      other: pdusTo("other"),
      tls: pdusTo("tls"),
      silent: pdusTo("silent"),
    };
    const both = ["11 of 160", "11 of 72"];
    expect(seen).toEqual({
      epmapper: ["11 of 160"],
      lsarpc: ["11 of 160"],
      // The bind, the decoy and five samples; then the decoy in a bind of its own.
      kms: ["11 of 160", ...Array<string>(6).fill("14 of 72"), "11 of 72"],
      other: both,
      tls: both,
      silent: both,
    });
    expect(new Set(allReceived().flatMap(({ pdus }) => pdus.map(({ pktType }) => pktType)))).toEqual(
      new Set([11, 14]),
    );
    expect(allReceived().flatMap(({ pdus }) => pdus.filter(({ opnum }) => opnum !== null))).toEqual([]);
  });

  test("tshark has no complaint about any of it", () => {
    expect(allReceived().flatMap(complaints)).toEqual([]);
    expect(questions.flatMap(complaints)).toEqual([]);
  });

  test("the interfaces that are offered are the KMS one and the decoy, and the transfer syntaxes those of Windows", () => {
    expect(new Set(allReceived().flatMap((each) => fieldsOf(each, "dcerpc.cn_bind_to_uuid")))).toEqual(
      new Set([KMS_INTERFACE.uuid, DECOY_INTERFACE.uuid]),
    );
    const [bind] = received.epmapper;
    expect(bind && fieldsOf(bind, "dcerpc.cn_bind_trans_id")).toEqual([
      "8a885d04-1ceb-11c9-9fe8-08002b104860",
      "71710533-beba-4937-8319-b5dbef9ccc36",
      "6cb71c2c-9812-4540-0300-000000000000",
    ]);
  });

  test("call ids are not twice the same", () => {
    const ids = received.kms.flatMap(({ pdus }) => pdus.map(({ callId }) => callId));
    expect(ids).toHaveLength(8);
    // Random, of 65,536: two of eight are the same once in 2,300 runs, three never.
    expect(new Set(ids).size).toBeGreaterThan(6);
  });

  test("questions are of three types, each with EDNS(0), from a port and with an id of its own", () => {
    const fields = ["dns.qry.type", "dns.qry.name"];
    const asked = questions.map((each) => fields.flatMap((name) => fieldsOf(each, name)).join(" "));
    expect(asked).toEqual(
      expect.arrayContaining(["33 _vlmcs._tcp.corp.test", "1 absent.corp.test", "28 absent.corp.test"]),
    );
    expect(asked.filter((each) => !/^(33|1|28) /.test(each))).toEqual([]);
    const edns = ["dns.resp.type", "dns.rr.udp_payload_size"];
    const added = questions.map((each) => edns.flatMap((name) => fieldsOf(each, name)).join(" "));
    expect(new Set(added)).toEqual(new Set(["41 1232"]));
    // Random, both: two are the same now and then, all of them never.
    expect(new Set(questions.map(({ srcPort }) => srcPort)).size).toBeGreaterThan(1);
    expect(new Set(questions.flatMap((each) => fieldsOf(each, "dns.id"))).size).toBeGreaterThan(1);
  });
});

function allReceived(): DecodedFrame[] {
  return Object.values(received).flat();
}

/** The values of one of tshark's fields, wherever it hangs in the frame. */
function fieldsOf({ layers }: DecodedFrame, name: string): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === name) found.push(...[each].flat().map(String));
      else look(each);
    }
  };
  look(layers);
  return found;
}

const DECOY = { id: 3, abstract: DECOY_INTERFACE, transfer: NDR32 };
const WITH_NDR64 = { id: 1, abstract: KMS_INTERFACE, transfer: NDR64 };

/** Every PDU that this program can send, with its type and length. */
const PDUS: [string, Uint8Array, number, number][] = [
  ["the bind of a Windows client", encodeBind(WINDOWS_CONTEXTS, 1), 11, 160],
  ["the plain bind", encodeBind(PLAIN_CONTEXTS, 0xffff), 11, 72],
  ["the bind that is a control", encodeBind([{ ...DECOY, id: 0 }], 2), 11, 72],
  ["the alter_context with the decoy", encodeAlterContext([DECOY], 3, 0x1234), 14, 72],
  ["the alter_context with NDR32", encodeAlterContext(PLAIN_CONTEXTS, 4, 0x1234), 14, 72],
  ["the alter_context with NDR64", encodeAlterContext([WITH_NDR64], 0, 0x1234), 14, 72],
  ["the bind of a quiet connection", encodeBind(WINDOWS_CONTEXTS, 5, 0xffff), 11, 160],
  [
    "the alter_context with another version",
    encodeAlterContext([{ ...DECOY, abstract: KMS_OTHER_VERSION }], 6, 0x1234),
    14,
    72,
  ],
];

const QUESTIONS: [QueryType, boolean][] = [
  ["SRV", true],
  ["SRV", false],
  ["A", true],
  ["A", false],
  ["AAAA", true],
  ["AAAA", false],
];

describe.skipIf(needs("tshark", "text2pcap").skip)("as tshark reads it", () => {
  let pdus: DecodedFrame[] = [];
  let queries: DecodedFrame[] = [];

  beforeAll(async () => {
    const encoded = QUESTIONS.map(([type, edns], index) =>
      // An id of its own for each, or they are retransmissions.
      encodeQuery({ name: "_vlmcs._tcp.corp.test", type }, 0xbee0 + index, edns),
    );
    [pdus, queries] = await Promise.all([
      decodeFrames(
        PDUS.map(([, bytes]) => bytes),
        1688,
      ),
      decodeDatagrams(encoded, 53),
    ]);
  });

  test.each(PDUS)("%s is a PDU without a complaint", (name, _, pktType, length) => {
    const decoded = pdus[PDUS.findIndex(([each]) => each === name)];
    expect(decoded?.pdus.map((pdu) => pdu.pktType)).toEqual([pktType]);
    expect(decoded?.payloadBytes).toBe(length);
    expect(decoded && complaints(decoded)).toEqual([]);
    expect(decoded?.expert).toEqual([]);
  });

  test.each(QUESTIONS)("a question for %s is DNS without a complaint, with EDNS(0): %s", (type, edns) => {
    const decoded = queries[QUESTIONS.findIndex(([each, with0]) => each === type && with0 === edns)];
    expect(decoded?.protocols).toContain("dns");
    expect(decoded && complaints(decoded)).toEqual([]);
    expect(decoded && fieldsOf(decoded, "dns.qry.name")).toEqual(["_vlmcs._tcp.corp.test"]);
    expect(decoded && fieldsOf(decoded, "dns.resp.type")).toEqual(edns ? ["41"] : []);
  });
});
