/** The quiet connections, against servers that know nothing of us and peers that do what real ones won't. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { SocketAddress } from "../../src/model/dns.ts";
import type { QuietEvidence } from "../../src/model/fingerprint.ts";
import type { RpcEvidence } from "../../src/model/rpc.ts";
import { probeQuietly } from "../../src/probe/quiet.ts";
import { probeRpc } from "../../src/probe/rpc.ts";
import { probeTcp } from "../../src/probe/tcp.ts";
import { decodeAnswer, frame } from "../../src/protocol/dcerpc/answer.ts";
import { encodeAlterContext, encodeBind, WINDOWS_CONTEXTS } from "../../src/protocol/dcerpc/bind.ts";
import {
  DECOY_INTERFACE,
  KMS_INTERFACE,
  KMS_OTHER_VERSION,
  NDR32,
} from "../../src/protocol/dcerpc/syntax.ts";
import { fingerprintOf } from "../../src/verdict/fingerprint.ts";
import { bindNakPdu, faultPdu, impatient, KMS_UUID, resultPdu, startTcpPeer } from "./scripted/peers.ts";
import type { TcpPeer, TcpScript } from "./scripted/peers.ts";
import { needs } from "./servers/available.ts";
import { startImpacket } from "./servers/impacket.ts";
import { startSamba } from "./servers/samba.ts";
import { captureLoopback, complaints, decodeFrames } from "./servers/tshark.ts";
import type { DecodedFrame } from "./servers/tshark.ts";
import { KMS_INTERFACE as KMS } from "./support/kmsprobe.ts";

const { skip } = needs("linux", "root", "samba-dcerpcd", "impacket");
const { skip: skipWire } = needs("root", "tshark", "text2pcap", "dumpcap");

/** The endpoint mapper's own interface: Samba accepts it. */
const EPMAPPER = { uuid: "e1af8308-5d1f-11c9-91a4-08002b14a0fa", major: 3, minor: 0 };

async function rpcOf(to: SocketAddress): Promise<RpcEvidence> {
  const context = impatient({ count: 3 });
  const { connection } = await probeTcp(to, context);
  if (connection === null) throw new Error("no connection");
  return await probeRpc(to, connection, context);
}

describe.skipIf(skip)("real servers", () => {
  const started: { stop: () => Promise<void> }[] = [];
  let kms: SocketAddress;
  let epmapper: SocketAddress;
  let lsarpc: SocketAddress;

  beforeAll(async () => {
    const samba = await startSamba();
    started.push(samba);
    const impacket = await startImpacket(KMS);
    started.push(impacket);
    kms = { address: impacket.address, port: impacket.port };
    epmapper = { address: samba.address, port: samba.epmapperPort };
    lsarpc = { address: samba.address, port: samba.lsarpcPort };
  });

  afterAll(async () => {
    await Promise.all(started.map((server) => server.stop()));
  });

  test("impacket copies the fragments, meets the other version with a fault, and is recognised", async () => {
    const rpc = await rpcOf(kms);
    const quiet = await probeQuietly(kms, 4, impatient());
    expect(quiet).toMatchObject({
      fragments: { offered: 65_535, maxXmitFrag: 65_535, maxRecvFrag: 65_535 },
      otherVersion: "fault",
    });
    expect(quiet.tcpMs).toHaveLength(4);
    expect(quiet.bindMs).toHaveLength(4);
    for (const ms of [...quiet.tcpMs, ...quiet.bindMs]) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(2_000);
    }
    expect(fingerprintOf(rpc, quiet, kms.port)).toEqual({
      name: "impacket",
      text: "answers like impacket",
      traits: [
        "rejects further contexts as their user, not as provider (1/2)",
        "copies the fragment sizes it is offered (65535)",
        "answers an alter_context with a fault",
        "names association group 0x1234",
      ],
    });
  });

  test("Samba, asked for KMS, holds fragments to 5840 bytes, and is asked for no other version", async () => {
    for (const to of [epmapper, lsarpc]) {
      const quiet = await probeQuietly(to, 3, impatient({ rpcTimeoutMs: 5_000 }));
      expect(quiet).toMatchObject({
        fragments: { offered: 65_535, maxXmitFrag: 5840, maxRecvFrag: 5840 },
        otherVersion: "not-asked",
      });
      expect(quiet.tcpMs).toHaveLength(3);
      expect(quiet.bindMs).toHaveLength(3);
      // Without KMS there is no telling it from a Windows without KMS.
      expect(fingerprintOf(await rpcOf(to), quiet, to.port).name).toBe("none");
    }
  });

  test("Samba, asked for an interface of its own, answers as it would with KMS, and is recognised", async () => {
    const { rpc, quiet } = await askedForOwn(epmapper);
    expect(fingerprintOf(rpc, quiet, epmapper.port)).toEqual({
      name: "samba",
      text: "answers like Samba, or like a 32-bit Windows",
      traits: [
        "accepts NDR32, rejects NDR64, grants bind time features",
        "rejects an unknown interface UUID",
        "rejects the KMS interface in an unknown version (9.0)",
        "holds fragments to 5840 bytes where 65535 are offered",
      ],
    });
  });

  test.skipIf(skipWire)(
    "get binds and one alter_context, whole and by themselves, and no request",
    async () => {
      const capture = await captureLoopback({ port: kms.port });
      await probeQuietly(kms, 3, impatient());
      const frames = (await capture.stop()).filter(
        ({ dstPort, payloadBytes }) => dstPort === kms.port && payloadBytes > 0,
      );
      const said = frames.map(({ pdus, payloadBytes }) => {
        return `${pdus.map(({ pktType }) => pktType).join(" and ") || "no PDU"} of ${payloadBytes}`;
      });
      expect(said).toEqual(["11 of 160", "14 of 72", "11 of 160", "11 of 160"]);
      expect(frames.flatMap(({ pdus }) => pdus.filter(({ opnum }) => opnum !== null))).toEqual([]);
      expect(frames.flatMap(complaints)).toEqual([]);
    },
  );
});

/**
 * What Samba says to the PDUs of a probe where they name its own interface, as evidence: it has no KMS, so the
 * probe's own would be rejected before there is anything to tell.
 */
async function askedForOwn(to: SocketAddress): Promise<{ rpc: RpcEvidence; quiet: QuietEvidence }> {
  const context = impatient({ rpcTimeoutMs: 5_000 });
  const { connection } = await probeTcp(to, context);
  if (connection === null) throw new Error("no connection");
  const say = async (pdu: Uint8Array): Promise<Accepted> => {
    const { received } = await connection.exchange(pdu, {
      enough: (soFar) => {
        const framing = frame(soFar);
        return framing.state === "whole" ? framing.length : null;
      },
      limit: 5840,
      timeoutMs: 5_000,
      signal: context.signal,
    });
    const decoded = decodeAnswer(received);
    if (!decoded.ok || decoded.value.kind !== "accepted-pdu") throw new Error("no list of results");
    return decoded.value;
  };
  try {
    const own = WINDOWS_CONTEXTS.map((each) => ({ ...each, abstract: EPMAPPER }));
    const { kind: _, ptype: __, results, ...facts } = await say(encodeBind(own, 0xbeef, 0xffff));
    const offered = ["NDR32", "NDR64", "BTFN"] as const;
    const contexts = results.map((each, index) => ({ offered: offered[index] ?? "BTFN", ...each }));
    const asked = async (abstract: typeof EPMAPPER): Promise<"accepted" | "rejected"> => {
      const element = { id: 3, abstract, transfer: NDR32 };
      const answer = await say(encodeAlterContext([element], 0xbee0, facts.assocGroupId));
      return answer.results[0]?.result === 0 ? "accepted" : "rejected";
    };
    return {
      rpc: {
        bind: {
          shape: "windows",
          received: "",
          answer: { outcome: "ok", facts: { ...facts, contexts }, elapsedMs: 1 },
        },
        plain: null,
        control: { by: "alter-context", answer: await asked(DECOY_INTERFACE) },
        latency: { asked: 0, samplesMs: [] },
        unprompted: null,
      },
      quiet: {
        tcpMs: [1],
        bindMs: [1],
        fragments: { offered: 0xffff, maxXmitFrag: facts.maxXmitFrag, maxRecvFrag: facts.maxRecvFrag },
        otherVersion: await asked({ ...EPMAPPER, major: 9 }),
      },
    };
  } finally {
    connection.close();
  }
}

type Accepted = Extract<
  Extract<ReturnType<typeof decodeAnswer>, { ok: true }>["value"],
  { kind: "accepted-pdu" }
>;

async function peer(script: TcpScript): Promise<TcpPeer> {
  const started = await startTcpPeer(script);
  onTestFinished(() => started.stop());
  return started;
}

/** Says to a bind what a Windows host says; to an alter_context, what is given. */
function host(alter: TcpScript["pdu"]): TcpScript {
  return {
    pdu: (pdu, socket) => {
      if (pdu.ptype === 11) socket.write(resultPdu(pdu, ["2/2", "0/0", "3/3"]));
      else alter?.(pdu, socket);
    },
  };
}

describe("scripted peers", () => {
  test("get nothing where nothing is asked for", async () => {
    const to = await peer({});
    expect(await probeQuietly(to, 0, impatient())).toEqual({
      tcpMs: [],
      bindMs: [],
      fragments: null,
      otherVersion: "not-asked",
    });
    expect(to.connections()).toBe(0);
  });

  test("get the largest fragments and the other version on the first connection, and neither on another", async () => {
    const to = await peer(host((pdu, socket) => socket.write(resultPdu(pdu, ["2/1"], { ptype: 15 }))));
    const quiet = await probeQuietly(to, 3, impatient());
    expect(quiet.otherVersion).toBe("rejected");
    expect(quiet.fragments).toEqual({ offered: 65_535, maxXmitFrag: 4280, maxRecvFrag: 4280 });
    expect([quiet.tcpMs.length, quiet.bindMs.length, to.connections()]).toEqual([3, 3, 3]);
    const frags = to.seen.map(({ connection, ptype, bytes }) => [
      connection,
      ptype,
      bytes.readUInt16LE(16),
      bytes.readUInt16LE(18),
    ]);
    expect(frags).toEqual([
      [0, 11, 65_535, 65_535],
      [0, 14, 5840, 5840],
      [1, 11, 5840, 5840],
      [2, 11, 5840, 5840],
    ]);
    const alter = to.seen[1];
    expect(alter?.contexts.map(({ abstract }) => abstract)).toEqual([KMS_UUID]);
    expect([alter?.bytes.readUInt16LE(28 + 20), alter?.bytes.readUInt16LE(28 + 22)]).toEqual([9, 0]);
    expect(alter?.assocGroupId).toBe(0x5a5a0001);
    expect(to.violations).toEqual([]);
  });

  test("are asked one connection after the other", async () => {
    let open = 0;
    let most = 0;
    const to = await peer({
      connected: (socket) => {
        most = Math.max(most, ++open);
        socket.on("close", () => (open -= 1));
      },
      ...host((pdu, socket) => socket.write(resultPdu(pdu, ["2/1"], { ptype: 15 }))),
    });
    expect((await probeQuietly(to, 5, impatient())).bindMs).toHaveLength(5);
    // A peer sees a close a little later than who closed.
    expect(most).toBeLessThanOrEqual(2);
  });

  test.each<[QuietEvidence["otherVersion"], TcpScript["pdu"]]>([
    ["accepted", (pdu, socket) => socket.write(resultPdu(pdu, ["0/0"], { ptype: 15 }))],
    ["rejected", (pdu, socket) => socket.write(bindNakPdu(pdu, 0))],
    ["fault", (pdu, socket) => socket.write(faultPdu(pdu, 0x1c01000b))],
    ["closed", (_, socket) => socket.end()],
    ["closed", (_, socket) => socket.resetAndDestroy()],
    ["malformed", (_, socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["silent", () => {}],
  ])("that answer the other version so that it is %s are measured on all the same", async (word, alter) => {
    const to = await peer(host(alter));
    const quiet = await probeQuietly(to, 3, impatient({ rpcTimeoutMs: 300 }));
    expect(quiet.otherVersion).toBe(word);
    expect(quiet.bindMs).toHaveLength(3);
    expect(to.violations).toEqual([]);
  });

  test("that dislike the largest fragments are asked again without", async () => {
    const to = await peer({
      pdu: (pdu, socket) => {
        if (pdu.bytes.readUInt16LE(16) > 5840) socket.end();
        else socket.write(resultPdu(pdu, ["0/0", "2/2", "3/3"]));
      },
    });
    const quiet = await probeQuietly(to, 3, impatient());
    expect(quiet).toMatchObject({ fragments: null, otherVersion: "not-asked" });
    expect([quiet.tcpMs.length, quiet.bindMs.length]).toEqual([3, 2]);
  });

  test("that fall silent end it, with what is known by then", async () => {
    const to = await peer({
      pdu: (pdu, socket) => {
        if (pdu.connection < 2) socket.write(resultPdu(pdu, ["0/0"], { ptype: pdu.ptype === 11 ? 12 : 15 }));
      },
    });
    const quiet = await probeQuietly(to, 5, impatient({ rpcTimeoutMs: 200 }));
    expect([quiet.tcpMs.length, quiet.bindMs.length]).toEqual([3, 2]);
    expect(quiet.otherVersion).toBe("accepted");
    expect(to.connections()).toBe(3);
  });

  test("that have gone are no error", async () => {
    const to = await startTcpPeer({});
    await to.stop();
    const quiet = await probeQuietly(to, 3, impatient());
    expect(quiet).toEqual({ tcpMs: [], bindMs: [], fragments: null, otherVersion: "not-asked" });
  });

  test("can't hold it beyond the deadline of an address, nor beyond an interrupt", async () => {
    const to = await peer({
      pdu: (pdu, socket) => {
        setTimeout(() => socket.write(resultPdu(pdu, ["0/0"], { ptype: pdu.ptype === 11 ? 12 : 15 })), 80);
      },
    });
    const startedMs = performance.now();
    const quiet = await probeQuietly(to, 1_000, impatient({ deadlineMs: 500 }));
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(quiet.bindMs.length).toBeGreaterThan(1);
    expect(quiet.bindMs.length).toBeLessThan(8);
    const stop = new AbortController();
    setTimeout(() => stop.abort("interrupted"), 200);
    const cut = await probeQuietly(to, 1_000, impatient({}, stop.signal));
    expect(cut.bindMs.length).toBeLessThan(4);
  });

  test("that flood it cost no more than one answer", async () => {
    const to = await peer({
      connected: (socket) => {
        socket.on("error", () => {});
        socket.write(Buffer.alloc(4 << 20, 5));
      },
    });
    const quiet = await probeQuietly(to, 2, impatient());
    expect(quiet).toMatchObject({ bindMs: [], fragments: null, otherVersion: "not-asked" });
  });
});

describe.skipIf(needs("tshark", "text2pcap").skip)("as tshark reads them", () => {
  let frames: DecodedFrame[] = [];
  const other = { id: 3, abstract: KMS_OTHER_VERSION, transfer: NDR32 };

  beforeAll(async () => {
    frames = await decodeFrames(
      [encodeBind(WINDOWS_CONTEXTS, 1, 0xffff), encodeAlterContext([other], 2, 0x1234)],
      1688,
    );
  });

  test("the bind and the alter_context of a quiet connection are PDUs without a complaint", () => {
    expect(frames.flatMap(({ pdus }) => pdus.map(({ pktType }) => pktType))).toEqual([11, 14]);
    expect(frames.flatMap(complaints)).toEqual([]);
    const said = JSON.stringify(frames.map(({ layers }) => layers));
    expect(said).toContain(KMS_INTERFACE.uuid);
    expect(said).toMatch(/"dcerpc\.cn_max_xmit":"?65535/);
    expect(said).toMatch(/"dcerpc\.cn_bind_if_ver":\[?"?9/);
  });
});
