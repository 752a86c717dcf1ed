import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { startFullQueue } from "../../../src/demo/full-queue.ts";
import { attemptEvidenceSchema } from "../../../src/model/evidence.ts";
import type { AttemptEvidence } from "../../../src/model/evidence.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { probeAddress } from "../../../src/probe/probe.ts";
import { wireFixture } from "../../fixtures/wire/wire-fixture.ts";
import { freePort, loopbackAddress } from "../servers/free-port.ts";
import {
  ACK_FACTS,
  bindNakPdu,
  drip,
  faultPdu,
  impatient,
  KMS_UUID,
  resultPdu,
  startTcpPeer,
  withoutTimes,
} from "./peers.ts";
import type { SeenPdu, TcpPeer, TcpScript } from "./peers.ts";

const running: TcpPeer[] = [];
afterEach(async () => {
  const violations: string[] = [];
  for (const peer of running.splice(0)) {
    await peer.stop();
    violations.push(...peer.violations);
  }
  expect(violations).toEqual([]);
});

type Probed = { peer: TcpPeer; raw: AttemptEvidence; evidence: unknown; rpc: unknown };

/** Probes a scripted peer; the evidence comes as it is, and without its times. */
async function probe(script: TcpScript, over: Partial<Settings> = {}, signal?: AbortSignal): Promise<Probed> {
  const peer = await startTcpPeer(script);
  running.push(peer);
  const raw = attemptEvidenceSchema.parse(
    await probeAddress(peer.address, peer.port, impatient(over, signal)),
  );
  return { peer, raw, evidence: withoutTimes(raw), rpc: withoutTimes(raw.rpc) };
}

const ALTER = 15;
const isKms = ({ contexts: [first] }: SeenPdu): boolean => first?.abstract === KMS_UUID;

/** Answers as Windows x64 does: NDR64 wins, features are granted, other interfaces are unknown. */
const serve: NonNullable<TcpScript["pdu"]> = (pdu, socket) => {
  if (pdu.ptype === 14) socket.write(resultPdu(pdu, [isKms(pdu) ? "0/0" : "2/1"], { ptype: ALTER }));
  else if (!isKms(pdu)) socket.write(resultPdu(pdu, ["2/1"]));
  else socket.write(resultPdu(pdu, pdu.contexts.length === 3 ? ["2/2", "0/0", "3/3"] : ["0/0"]));
};

/** Answers binds in one way, and everything else as a server does. */
const serveBind =
  (answer: (pdu: SeenPdu, socket: Socket) => void): NonNullable<TcpScript["pdu"]> =>
  (pdu, socket) => {
    if (pdu.ptype === 11 && isKms(pdu)) answer(pdu, socket);
    else serve(pdu, socket);
  };

const contexts = (...results: string[]): object[] =>
  results.map((text, index) => {
    const [result, reason] = text.split("/").map(Number);
    return { offered: ["NDR32", "NDR64", "BTFN"][index], result, reason };
  });

/** What the peer saw: connection, PTYPE and number of contexts of each PDU. */
const traffic = ({ seen }: TcpPeer): string[] =>
  seen.map((pdu) => `${pdu.connection}: ${pdu.ptype} (${pdu.contexts.length}${isKms(pdu) ? "" : ", decoy"})`);

const UNASKED = {
  control: { by: "alter-context", answer: "not-asked" },
  latency: { asked: 0, samples: 0 },
  unprompted: null,
};

/** A socket that stays silent, with all we sent acknowledged. */
const ACKNOWLEDGED =
  process.platform === "linux"
    ? { state: "ESTABLISHED", unacknowledgedBytes: 0, retransmissions: 0, probesWindow: false }
    : null;

const callIdOf = (peer: TcpPeer, index = 0): number => peer.seen[index]?.callId ?? -1;

const atMost = (limitMs: number): unknown => expect.toSatisfy((ms: number) => ms >= 0 && ms < limitMs);

describe("a peer that serves", () => {
  test("all of the evidence, on one connection", async () => {
    const { peer, raw, evidence, rpc } = await probe({ pdu: serve });
    const [bind] = peer.seen;
    if (bind === undefined) throw new Error("no bind came");
    expect(evidence).toMatchObject({
      address: peer.address,
      family: 4,
      via: { address: "127.0.0.1", interface: expect.stringMatching(/^lo/), link: "loopback", owner: null },
      routeErrno: null,
      tcp: { outcome: "ok", facts: { tries: 1 } },
    });
    expect(rpc).toEqual({
      bind: {
        shape: "windows",
        received: resultPdu(bind, ["2/2", "0/0", "3/3"]).toString("hex"),
        answer: {
          outcome: "ok",
          facts: { ...ACK_FACTS, callId: bind.callId, contexts: contexts("2/2", "0/0", "3/3") },
        },
      },
      plain: null,
      control: { by: "alter-context", answer: "rejected" },
      latency: { asked: 3, samples: 3 },
      unprompted: null,
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)", "0: 14 (1, decoy)", "0: 14 (1)", "0: 14 (1)", "0: 14 (1)"]);
    expect(raw.tcp).toHaveProperty("elapsedMs", atMost(2_000));
    expect(raw.rpc?.bind.answer).toHaveProperty("elapsedMs", atMost(2_000));
    expect(raw.rpc?.latency.samplesMs).toEqual([atMost(2_000), atMost(2_000), atMost(2_000)]);
  });

  test("the alter_contexts go on where the bind ended: its group, the context it accepted", async () => {
    const { peer } = await probe({ pdu: serve });
    const [, decoy, ...samples] = peer.seen;
    expect(decoy).toMatchObject({ assocGroupId: 0x5a5a0001, contexts: [{ id: 3 }] });
    const ndr64 = "33057171babe37498319b5dbef9ccc36";
    for (const sample of samples) {
      expect(sample.contexts).toEqual([{ id: 1, abstract: KMS_UUID, transfer: ndr64 }]);
    }
    expect(new Set(peer.seen.map(({ callId }) => callId)).size).toBeGreaterThan(1);
  });

  test("a server that takes NDR32 is sampled with NDR32", async () => {
    const { peer, rpc } = await probe({
      pdu: serveBind((pdu, socket) => socket.write(resultPdu(pdu, ["0/0", "2/2", "3/3"]))),
    });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok", facts: { contexts: contexts("0/0", "2/2", "3/3") } } },
      latency: { samples: 3 },
    });
    const ndr32 = "045d888aeb1cc9119fe808002b104860";
    expect(peer.seen[2]?.contexts).toEqual([{ id: 0, abstract: KMS_UUID, transfer: ndr32 }]);
  });

  test.each([0, 1, 25])("%i samples are taken where so many are wanted", async (count) => {
    const { peer, rpc } = await probe({ pdu: serve }, { count });
    expect(rpc).toMatchObject({ latency: { asked: count, samples: count } });
    expect(peer.seen.length).toBe(2 + count);
  });

  test("every answer byte by byte is the same answer", async () => {
    const { rpc } = await probe(
      {
        pdu: (pdu, socket) => {
          const answer =
            pdu.ptype === 11
              ? resultPdu(pdu, ["0/0", "2/2", "3/3"])
              : resultPdu(pdu, ["2/1"], { ptype: ALTER });
          void drip(socket, answer, 1, 1);
        },
      },
      { rpcTimeoutMs: 5_000, count: 1 },
    );
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok", facts: { contexts: contexts("0/0", "2/2", "3/3") } } },
      control: { answer: "rejected" },
      latency: { samples: 1 },
    });
  });

  test("an answer in two halves, late but in time", async () => {
    const { raw, rpc } = await probe(
      { pdu: serveBind((pdu, socket) => void drip(socket, resultPdu(pdu, ["0/0"]), 30, 120)) },
      { rpcTimeoutMs: 2_000 },
    );
    expect(rpc).toMatchObject({ bind: { answer: { outcome: "ok" } }, control: { answer: "rejected" } });
    expect(raw.rpc?.bind.answer).toHaveProperty(
      "elapsedMs",
      expect.toSatisfy((ms: number) => ms > 100 && ms < 2_000),
    );
  });

  test("an ack of fewer results than were offered counts those that are there", async () => {
    const { rpc } = await probe({ pdu: serveBind((pdu, socket) => socket.write(resultPdu(pdu, ["0/0"]))) });
    expect(rpc).toMatchObject({ bind: { answer: { outcome: "ok", facts: { contexts: contexts("0/0") } } } });
  });

  test("an ack of more results than were offered has no say beyond them", async () => {
    const { rpc } = await probe({
      pdu: serveBind((pdu, socket) => socket.write(resultPdu(pdu, ["2/2", "2/2", "3/3", "0/0"]))),
    });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "denied", denial: { ack: { contexts: contexts("2/2", "2/2", "3/3") } } } },
    });
  });

  test("a second ack joined to the first is no answer to the control", async () => {
    const { peer, rpc } = await probe({
      pdu: serveBind((pdu, socket) => {
        const ack = resultPdu(pdu, ["0/0", "2/2", "3/3"]);
        socket.write(Buffer.concat([ack, ack]));
      }),
    });
    const [bind] = peer.seen;
    expect(rpc).toMatchObject({
      bind: {
        received: bind && resultPdu(bind, ["0/0", "2/2", "3/3"]).toString("hex"),
        answer: { outcome: "ok" },
      },
      plain: null,
      control: { by: "alter-context", answer: "malformed" },
      latency: { asked: 3, samples: 0 },
    });
  });

  test("noise behind the ack is no answer to the control, and no sample", async () => {
    const { rpc } = await probe({
      pdu: serveBind((pdu, socket) =>
        socket.write(Buffer.concat([resultPdu(pdu, ["0/0"]), Buffer.alloc(4_000, 0x41)])),
      ),
    });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      control: { answer: "malformed" },
      latency: { samples: 0 },
    });
  });

  test.each([
    ["samba-epmapper-3-contexts", contexts("0/0", "2/2", "3/3"), { secondaryAddress: "135" }],
    ["impacket-3-contexts", contexts("0/0", "1/2", "1/2"), { secondaryAddress: "21002" }],
    ["wine-3-contexts", contexts("0/0", "2/2", "2/2"), { callId: 1 }],
    ["other-a-3-contexts", contexts("2/2", "0/0", "3/3"), { assocGroupId: 0x1d8ca4ab }],
    ["other-b-3-contexts", contexts("0/0", "2/2", "3/3"), { pfcFlags: 0x13 }],
    ["samba-lsarpc-1-context", contexts("0/0"), { secondaryAddress: "" }],
  ])("the recorded %s is an acceptance, whatever its call id", async (name, accepted, facts) => {
    const { rpc } = await probe({ pdu: serveBind((_, socket) => socket.write(wireFixture(name))) });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok", facts: { contexts: accepted, ...facts } } },
      control: { answer: "rejected" },
    });
  });
});

describe("a peer that refuses", () => {
  test.each([
    ["the interface, as provider", ["2/1", "2/1", "3/3"]],
    ["the interface, as user", ["1/1", "1/2", "1/2"]],
    ["every transfer syntax", ["2/2", "2/2", "2/2"]],
    ["for want of resources", ["2/3", "2/3", "2/3"]],
    ["everything but the features", ["2/2", "2/2", "0/0"]],
    ["with a reason beside its acceptance", ["0/1", "2/2", "3/3"]],
  ])("%s: denied by its contexts, and nothing more is asked", async (_, results) => {
    const { peer, rpc } = await probe({ pdu: (pdu, socket) => socket.write(resultPdu(pdu, results)) });
    expect(rpc).toEqual({
      bind: {
        shape: "windows",
        received: resultPdu({ callId: callIdOf(peer) }, results).toString("hex"),
        answer: {
          outcome: "denied",
          denial: {
            kind: "contexts",
            ack: { ...ACK_FACTS, callId: callIdOf(peer), contexts: contexts(...results) },
          },
        },
      },
      plain: null,
      ...UNASKED,
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)"]);
  });

  test.each<[string, (pdu: SeenPdu) => Uint8Array, object]>([
    ["a bind_nak", (pdu) => bindNakPdu(pdu, 2), { kind: "bind-nak", reason: 2, extendedError: false }],
    [
      "Wine's bind_nak of 21 bytes",
      () => wireFixture("wine-bind-nak"),
      { kind: "bind-nak", reason: 0, extendedError: false },
    ],
    [
      "Samba's bind_nak of 24 bytes",
      () => wireFixture("samba-bind-nak"),
      { kind: "bind-nak", reason: 4, extendedError: false },
    ],
    ["a fault", (pdu) => faultPdu(pdu, 0x1c010014), { kind: "fault", status: 0x1c010014 }],
    ["a fault of 28 bytes", () => wireFixture("impacket-fault"), { kind: "fault", status: 0x6e4 }],
    ["a fault without a status", (pdu) => shortened(faultPdu(pdu, 5), 24), { kind: "fault", status: null }],
  ])("with %s", async (_, answer, denial) => {
    const sent: string[] = [];
    const { peer, rpc } = await probe({
      pdu: (pdu, socket) => {
        const bytes = answer(pdu);
        sent.push(Buffer.from(bytes).toString("hex"));
        socket.end(bytes);
      },
    });
    expect(rpc).toEqual({
      bind: { shape: "windows", received: sent[0], answer: { outcome: "denied", denial } },
      plain: null,
      ...UNASKED,
    });
    expect(peer.connections()).toBe(1);
  });

  test.each<[string, (pdu: SeenPdu) => Uint8Array, object]>([
    [
      "an alter_context_resp",
      (pdu) => resultPdu(pdu, ["0/0"], { ptype: ALTER }),
      { at: 2, what: "an alter_context_resp, or no result, to a bind" },
    ],
    [
      "an ack without a result",
      (pdu) => resultPdu(pdu, []),
      { at: 2, what: "an alter_context_resp, or no result, to a bind" },
    ],
    ["a response", () => wireFixture("other-a-response"), { at: 16, what: "PTYPE 2 doesn't answer a bind" }],
    [
      "an ack cut short within its own length",
      (pdu) => shortened(resultPdu(pdu, ["0/0"]), 50),
      { at: 40, what: "cut short: transfer syntax needs 20 bytes, 10 are left" },
    ],
    [
      "a frag_length of 65535",
      (pdu) => shortened(resultPdu(pdu, ["0/0"]), 60, 65_535),
      { at: 8, what: "frag_length is 65535, outside 16 to 5840" },
    ],
    [
      "a frag_length of 0",
      (pdu) => shortened(resultPdu(pdu, ["0/0"]), 60, 0),
      { at: 8, what: "frag_length is 0, outside 16 to 5840" },
    ],
  ])("%s is malformed, and looks like DCE/RPC", async (_, answer, fault) => {
    const { peer, rpc } = await probe({ pdu: (pdu, socket) => socket.write(answer(pdu)) });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "malformed", fault, looksLike: "dcerpc" } },
      plain: null,
      ...UNASKED,
    });
    expect(peer.connections()).toBe(1);
  });
});

describe("a peer that does not answer", () => {
  test("silence: a plain bind is tried as well; the kernel says that all of it arrived", async () => {
    const { peer, raw, rpc } = await probe({}, { rpcTimeoutMs: 300 });
    const silent = { outcome: "no-answer", cause: "deadline", kernel: ACKNOWLEDGED };
    expect(rpc).toEqual({
      bind: { shape: "windows", received: "", answer: silent },
      plain: { shape: "plain", received: "", answer: silent },
      ...UNASKED,
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)", "1: 11 (1)"]);
    expect(raw.rpc?.bind.answer).toHaveProperty(
      "elapsedMs",
      expect.toSatisfy((ms: number) => ms >= 299 && ms < 1_500),
    );
  });

  test("a bind that was lost, and its retransmission: the next connection shows that the host serves", async () => {
    const script = serveBind((pdu, socket) => {
      if (pdu.connection > 0) serve(pdu, socket);
    });
    const { peer, rpc } = await probe({ pdu: script }, { rpcTimeoutMs: 300, count: 0 });
    expect(rpc).toMatchObject({
      bind: { shape: "windows", answer: { outcome: "ok" } },
      plain: null,
      control: { by: "alter-context", answer: "rejected" },
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)", "1: 11 (1)", "2: 11 (3)", "2: 14 (1, decoy)"]);
  });

  test("silence to the offer of a Windows client alone is asked for twice before it is believed", async () => {
    const script = serveBind((pdu, socket) => {
      if (pdu.contexts.length === 1) serve(pdu, socket);
    });
    const { peer, rpc } = await probe({ pdu: script }, { rpcTimeoutMs: 300, count: 0 });
    expect(rpc).toMatchObject({
      bind: { shape: "windows", answer: { outcome: "no-answer", cause: "deadline" } },
      plain: { shape: "plain", answer: { outcome: "ok" } },
      control: { by: "alter-context", answer: "rejected" },
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)", "1: 11 (1)", "2: 11 (3)", "1: 14 (1, decoy)"]);
  });

  test.each<[string, string, (socket: Socket) => void]>([
    ["a FIN", "closed", (socket) => socket.end()],
    ["a reset", "ECONNRESET", (socket) => socket.resetAndDestroy()],
  ])("%s to every bind", async (_, cause, hangUp) => {
    const { peer, rpc } = await probe({ pdu: (_pdu, socket) => hangUp(socket) });
    const hungUp = { outcome: "no-answer", cause, kernel: null };
    expect(rpc).toEqual({
      bind: { shape: "windows", received: "", answer: hungUp },
      plain: { shape: "plain", received: "", answer: hungUp },
      ...UNASKED,
      unprompted: { end: "silent" },
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)", "1: 11 (1)"]);
  });

  test("a FIN right after the handshake is a close, or the reset that our bind brings on", async () => {
    const { peer, raw } = await probe({ connected: (socket) => socket.end() });
    const causes = [raw.rpc?.bind, raw.rpc?.plain].map(
      (each) => each?.answer.outcome === "no-answer" && each.answer.cause,
    );
    expect(causes).toEqual([
      expect.stringMatching(/^(closed|ECONNRESET|EPIPE)$/),
      expect.stringMatching(/^(closed|ECONNRESET|EPIPE)$/),
    ]);
    // The third is left alone, and ends in the one way that such a peer has.
    expect(peer.connections()).toBe(3);
    expect(raw.rpc?.unprompted?.end).toBe("closed");
  });

  test("a reset right after the handshake is one of a connection, whenever it is seen", async () => {
    const { raw } = await probe({ connected: (socket) => socket.resetAndDestroy() });
    expect(raw.tcp).toMatchObject({ outcome: "ok", facts: { tries: 1 } });
    const reset = { outcome: "no-answer", cause: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) };
    expect([raw.rpc?.bind.answer, raw.rpc?.plain?.answer]).toMatchObject([reset, reset]);
    expect(raw.rpc?.unprompted?.end).toBe("reset");
  });

  test("a peer that is gone when the plain bind comes", async () => {
    const script: TcpScript = {
      pdu: (_, socket) => {
        void peer?.stop();
        socket.destroy();
      },
    };
    const peer: TcpPeer = await startTcpPeer(script);
    running.push({ ...peer, stop: () => Promise.resolve() });
    const { rpc } = await probeAddress(peer.address, peer.port, impatient());
    expect(withoutTimes(rpc)).toEqual({
      bind: {
        shape: "windows",
        received: "",
        answer: { outcome: "no-answer", cause: "closed", kernel: null },
      },
      plain: {
        shape: "plain",
        received: "",
        answer: { outcome: "no-answer", cause: "ECONNREFUSED", kernel: null },
      },
      ...UNASKED,
      unprompted: { end: "not-connected" },
    });
  });

  test.each<[string, number, string, (socket: Socket) => void]>([
    ["the first byte and silence", 1, "deadline", () => {}],
    ["the first byte and a FIN", 1, "closed", (socket) => socket.end()],
    ["the first two bytes and silence", 2, "deadline", () => {}],
    ["half of the header and silence", 8, "deadline", () => {}],
    ["half of the PDU and silence", 54, "deadline", () => {}],
    ["all but one byte and a FIN", 107, "closed", (socket) => socket.end()],
    [
      "half of the PDU and a reset",
      54,
      "ECONNRESET",
      (socket) => setTimeout(() => socket.resetAndDestroy(), 50),
    ],
  ])("%s: malformed where it stops, and what came is kept", async (_, length, cause, then) => {
    const { peer, rpc } = await probe(
      {
        pdu: (pdu, socket) => {
          socket.write(resultPdu(pdu, ["0/0", "2/2", "3/3"]).subarray(0, length));
          then(socket);
        },
      },
      { rpcTimeoutMs: 300 },
    );
    const whole = resultPdu({ callId: callIdOf(peer) }, ["0/0", "2/2", "3/3"]);
    expect(rpc).toEqual({
      bind: {
        shape: "windows",
        received: whole.toString("hex", 0, length),
        answer: {
          outcome: "malformed",
          fault: { at: length, what: `the answer stops inside a PDU (${cause})` },
          looksLike: "dcerpc",
        },
      },
      plain: null,
      ...UNASKED,
    });
  });

  test("closes on three contexts, takes one: the plain bind carries on, control and samples included", async () => {
    const { peer, rpc } = await probe({
      pdu: (pdu, socket) => {
        if (pdu.contexts.length > 1) socket.end();
        else serve(pdu, socket);
      },
    });
    expect(rpc).toEqual({
      bind: {
        shape: "windows",
        received: "",
        answer: { outcome: "no-answer", cause: "closed", kernel: null },
      },
      plain: {
        shape: "plain",
        received: resultPdu({ callId: callIdOf(peer, 1) }, ["0/0"]).toString("hex"),
        answer: {
          outcome: "ok",
          facts: { ...ACK_FACTS, callId: callIdOf(peer, 1), contexts: contexts("0/0") },
        },
      },
      control: { by: "alter-context", answer: "rejected" },
      latency: { asked: 3, samples: 3 },
      unprompted: null,
    });
    expect(traffic(peer).slice(0, 3)).toEqual(["0: 11 (3)", "1: 11 (1)", "1: 14 (1, decoy)"]);
    expect(peer.connections()).toBe(2);
  });

  test("a plain bind is not answered for contexts it did not offer", async () => {
    const { rpc } = await probe({
      pdu: (pdu, socket) => {
        if (pdu.contexts.length > 1) socket.end();
        else socket.write(resultPdu(pdu, ["2/2", "0/0", "3/3"]));
      },
    });
    expect(rpc).toMatchObject({
      plain: {
        answer: { outcome: "denied", denial: { kind: "contexts", ack: { contexts: contexts("2/2") } } },
      },
      ...UNASKED,
    });
  });
});

describe("a peer that speaks something else", () => {
  const HTTP = `HTTP/1.1 400 Bad Request\r\nServer: scripted\r\nContent-Type: text/html\r\n\r\n<html>${"x".repeat(300)}`;

  test.each<[string, string, string, Buffer]>([
    ["garbage", "unknown", "rpc_vers is 159, not 5", Buffer.from("9f3c00e17a44d20b".repeat(8), "hex")],
    ["one byte", "unknown", "rpc_vers is 0, not 5", Buffer.of(0)],
    ["a TLS alert", "tls", "rpc_vers is 21, not 5", Buffer.from("15030100020246", "hex")],
    ["an HTTP answer", "http", "rpc_vers is 72, not 5", Buffer.from(HTTP)],
    ["an SMB header", "smb", "rpc_vers is 0, not 5", Buffer.from("00000055ff534d4272", "hex")],
  ])("%s in answer to the bind looks like %s", async (_, looksLike, what, bytes) => {
    const { peer, rpc } = await probe({ pdu: (_pdu, socket) => socket.write(bytes) });
    expect(rpc).toEqual({
      bind: {
        shape: "windows",
        received: bytes.toString("hex", 0, 256),
        answer: { outcome: "malformed", fault: { at: 0, what }, looksLike },
      },
      plain: null,
      ...UNASKED,
    });
    expect(peer.connections()).toBe(1);
  });

  test("an echo of the bind is known for what it is", async () => {
    const { peer, rpc } = await probe({ pdu: (pdu, socket) => socket.write(pdu.bytes) });
    expect(rpc).toMatchObject({
      bind: {
        received: peer.seen[0]?.bytes.toString("hex"),
        answer: {
          outcome: "malformed",
          fault: { at: 16, what: "PTYPE 11 doesn't answer a bind" },
          looksLike: "echo",
        },
      },
      plain: null,
    });
  });

  test("an HTTP answer in pieces is waited for, so that it can be named", async () => {
    const startedMs = performance.now();
    const { raw, rpc } = await probe({
      pdu: (_, socket) => void drip(socket, Buffer.from(HTTP).subarray(0, 60), 4, 3),
    });
    const tookMs = performance.now() - startedMs;
    expect(rpc).toMatchObject({
      bind: {
        received: Buffer.from(HTTP).toString("hex", 0, 60),
        answer: { outcome: "malformed", fault: { at: 0 }, looksLike: "http" },
      },
    });
    // The time is that of the first bytes; the 150 ms for the rest of the sentence are not in it.
    expect(raw.rpc?.bind.answer).toHaveProperty("elapsedMs", atMost(tookMs - 148));
  });

  test("a banner before the bind, a complaint and a reset after it: both are kept", async () => {
    const banner = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
    const complaint = "Invalid SSH identification string.\r\n";
    const { peer, rpc } = await probe({
      connected: (socket) => socket.write(banner),
      pdu: (_, socket) => {
        socket.write(complaint, () => socket.resetAndDestroy());
      },
    });
    expect(rpc).toEqual({
      bind: {
        shape: "windows",
        received: Buffer.from(banner + complaint).toString("hex"),
        answer: { outcome: "malformed", fault: { at: 0, what: "rpc_vers is 83, not 5" }, looksLike: "ssh" },
      },
      plain: null,
      ...UNASKED,
    });
    expect(peer.connections()).toBe(1);
  });

  test("a greeting and then nothing, as mail servers do", async () => {
    const { rpc } = await probe({ connected: (socket) => socket.write("220 mail.test ESMTP\r\n") });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "malformed", looksLike: "smtp-or-ftp" } },
      plain: null,
    });
  });

  test("text on the wire is never put into the fault", async () => {
    const { raw } = await probe({ pdu: (_, socket) => socket.write("\u001b[2J<script>alert(1)</script>") });
    expect(raw.rpc?.bind.answer).toMatchObject({ fault: { at: 0, what: "rpc_vers is 27, not 5" } });
  });

  test.each<[string, (pdu: SeenPdu) => Buffer]>([
    ["letters", () => Buffer.alloc(1 << 20, 0x41)],
    ["PDUs that never end", () => shortened(Buffer.alloc(1 << 20), 1 << 20, 5840, 12)],
    ["an ack, then letters", (pdu) => Buffer.concat([resultPdu(pdu, ["0/0"]), Buffer.alloc(1 << 20, 0x41)])],
  ])("a flood of %s is read no further than needed", async (_, make) => {
    const wanted = 256;
    let written = 0;
    const { raw } = await probe({
      pdu: (pdu, socket) => {
        if (pdu.ptype !== 11) return;
        const chunk = make(pdu);
        const pour = (): void => {
          while (written < wanted) {
            written += 1;
            if (!socket.write(chunk)) {
              socket.once("drain", pour);
              return;
            }
          }
        };
        pour();
      },
    });
    // Kernel buffers of a loopback connection swallow a few megabytes; the other 200 stay with the sender.
    expect(written).toBeLessThan(50);
    expect(raw.rpc?.bind.received.length).toBeLessThanOrEqual(512);
    expect(raw.rpc?.bind.answer).toHaveProperty("elapsedMs", atMost(1_000));
  });
});

describe("control and samples", () => {
  test("accepts whatever interface: the control says so", async () => {
    const { peer, rpc } = await probe({
      pdu: (pdu, socket) =>
        socket.write(
          resultPdu(
            pdu,
            pdu.contexts.map(() => "0/0"),
            { ptype: pdu.ptype + 1 },
          ),
        ),
    });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      control: { by: "alter-context", answer: "accepted" },
      latency: { samples: 3 },
    });
    expect(peer.connections()).toBe(1);
  });

  test.each<[string, (pdu: SeenPdu, socket: Socket) => void]>([
    ["closes", (_, socket) => socket.end()],
    ["resets", (_, socket) => socket.resetAndDestroy()],
  ])("%s on alter_context: samples are lost, and the control is a bind of its own", async (_, hangUp) => {
    const { peer, rpc } = await probe({
      pdu: (pdu, socket) => (pdu.ptype === 14 ? hangUp(pdu, socket) : serve(pdu, socket)),
    });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      plain: null,
      control: { by: "bind", answer: "rejected" },
      latency: { asked: 3, samples: 0 },
    });
    expect(traffic(peer)).toEqual(["0: 11 (3)", "0: 14 (1, decoy)", "1: 11 (1, decoy)"]);
    expect(peer.seen[2]?.contexts).toMatchObject([{ id: 0 }]);
  });

  test("closes on alter_context and accepts whatever bind", async () => {
    const { rpc } = await probe({
      pdu: (pdu, socket) => {
        if (pdu.ptype === 14) socket.end();
        else
          socket.write(
            resultPdu(
              pdu,
              pdu.contexts.map(() => "0/0"),
            ),
          );
      },
    });
    expect(rpc).toMatchObject({ control: { by: "bind", answer: "accepted" }, latency: { samples: 0 } });
  });

  test("a fault to every alter_context: the round trips count, and the control is a bind", async () => {
    const { peer, rpc } = await probe({
      pdu: (pdu, socket) => {
        if (pdu.ptype === 14) socket.write(faultPdu(pdu, 0x1c01000b));
        else serve(pdu, socket);
      },
    });
    expect(rpc).toMatchObject({
      control: { by: "bind", answer: "rejected" },
      latency: { asked: 3, samples: 3 },
    });
    expect(traffic(peer)).toEqual([
      "0: 11 (3)",
      "0: 14 (1, decoy)",
      "0: 14 (1)",
      "0: 14 (1)",
      "0: 14 (1)",
      "1: 11 (1, decoy)",
    ]);
  });

  test.each<[string, string, (pdu: SeenPdu, socket: Socket) => void]>([
    ["a fault", "fault", (pdu, socket) => socket.write(faultPdu(pdu, 5))],
    ["a bind_nak", "rejected", (pdu, socket) => socket.write(bindNakPdu(pdu, 4))],
    ["a close", "closed", (_, socket) => socket.end()],
    ["silence", "silent", () => {}],
    [
      "an alter_context_resp",
      "malformed",
      (pdu, socket) => socket.write(resultPdu(pdu, ["2/1"], { ptype: ALTER })),
    ],
    ["no result", "malformed", (pdu, socket) => socket.write(resultPdu(pdu, []))],
    ["noise", "malformed", (_, socket) => socket.write("noise")],
  ])("%s to the control's bind is told as %s", async (_, answer, say) => {
    const { rpc } = await probe(
      {
        pdu: (pdu, socket) => {
          if (pdu.ptype === 14) socket.end();
          else if (isKms(pdu)) serve(pdu, socket);
          else say(pdu, socket);
        },
      },
      { rpcTimeoutMs: 500 },
    );
    expect(rpc).toMatchObject({ bind: { answer: { outcome: "ok" } }, control: { by: "bind", answer } });
  });

  test("silence on alter_context is told, and ends the visit", async () => {
    const { peer, rpc } = await probe(
      {
        pdu: (pdu, socket) => {
          if (pdu.ptype === 11) serve(pdu, socket);
        },
      },
      { rpcTimeoutMs: 500 },
    );
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      control: { by: "alter-context", answer: "silent" },
      latency: { asked: 3, samples: 0 },
    });
    expect(peer.connections()).toBe(1);
  });

  test("a close after the first sample loses the others, and nothing else", async () => {
    let alters = 0;
    const { peer, rpc } = await probe({
      pdu: (pdu, socket) => {
        if (pdu.ptype === 14 && ++alters > 2) socket.end();
        else serve(pdu, socket);
      },
    });
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      control: { by: "alter-context", answer: "rejected" },
      latency: { asked: 3, samples: 1 },
    });
    expect(peer.connections()).toBe(1);
  });

  test("a peer that is gone when the control's bind comes", async () => {
    const peer: TcpPeer = await startTcpPeer({
      pdu: (pdu, socket) => {
        if (pdu.ptype === 11) return serve(pdu, socket);
        void peer.stop();
        return socket.destroy();
      },
    });
    running.push({ ...peer, stop: () => Promise.resolve() });
    const { rpc } = await probeAddress(peer.address, peer.port, impatient());
    expect(withoutTimes(rpc)).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      control: { by: "alter-context", answer: "closed" },
      latency: { asked: 3, samples: 0 },
    });
  });
});

describe("beside the bind", () => {
  test("where RPC stays silent, one connect to a port nobody listens on", async () => {
    const { raw } = await probe({}, { rpcTimeoutMs: 200 });
    expect(raw.controlPort).toEqual({ port: 47_113, answer: "ECONNREFUSED" });
  });

  test("where RPC answers in any way, that port is left alone", async () => {
    const { raw } = await probe({ pdu: serve });
    expect(raw.controlPort).toBeNull();
  });

  test("where binds meet a close or a reset, that port, and a connection on which nothing is said", async () => {
    const closing = await probe({ pdu: (_, socket) => socket.end() }, { rpcTimeoutMs: 300 });
    expect(closing.raw.controlPort).toEqual({ port: 47_113, answer: "ECONNREFUSED" });
    expect(closing.raw.rpc?.unprompted?.end).toBe("silent");
    expect(closing.raw.takenHere).toBeNull();
    const resetting = await probe({ pdu: (_, socket) => socket.resetAndDestroy() }, { rpcTimeoutMs: 300 });
    expect(resetting.raw.rpc?.unprompted?.end).toBe("silent");
    const answering = await probe({ pdu: serve });
    expect(answering.raw.rpc?.unprompted).toBeNull();
  });

  test("the ladder is climbed only where it is wanted, each rung on a connection of its own", async () => {
    const peer = await startTcpPeer({ pdu: serve });
    const evidence = await probeAddress(peer.address, peer.port, impatient({ ladder: true, count: 0 }));
    await peer.stop();
    expect(evidence.ladder).toEqual([
      { rung: "windows", answer: "accepted" },
      { rung: "plain", answer: "accepted" },
      { rung: "decoy", answer: "rejected" },
      { rung: "split", answer: "accepted" },
    ]);
    expect(traffic(peer)).toEqual([
      "0: 11 (3)",
      "0: 14 (1, decoy)",
      "1: 11 (3)",
      "2: 11 (1)",
      "3: 11 (1, decoy)",
      "4: 11 (3)",
    ]);
    // The last rung, and no other, comes in two reads.
    expect(peer.violations).toEqual(["connection 4: a bind did not come alone, in one read"]);
  });

  test("the rungs of a path that closes on three contexts", async () => {
    const { raw } = await probe(
      { pdu: (pdu, socket) => (pdu.contexts.length > 1 ? socket.resetAndDestroy() : serve(pdu, socket)) },
      { ladder: true, count: 0 },
    );
    expect(raw.ladder?.map(({ answer }) => answer)).toEqual(["reset", "accepted", "rejected", "reset"]);
    // The split bind arrives as one PDU in the end.
    running.at(-1)?.violations.splice(0);
  });
});

describe("deadlines and interruptions", () => {
  test("the deadline of the address ends a silent bind: skipped, not silent", async () => {
    const { rpc } = await probe({}, { deadlineMs: 150, rpcTimeoutMs: 10_000 });
    expect(rpc).toEqual({
      bind: { shape: "windows", received: "", answer: { outcome: "skipped", reason: "deadline" } },
      plain: null,
      ...UNASKED,
    });
  });

  test("the deadline inside an answer: skipped, not malformed; what came is kept", async () => {
    const { rpc } = await probe(
      { pdu: (_, socket) => socket.write(Buffer.of(5, 0, 12)) },
      { deadlineMs: 150, rpcTimeoutMs: 10_000 },
    );
    expect(rpc).toMatchObject({
      bind: { received: "05000c", answer: { outcome: "skipped", reason: "deadline" } },
      plain: null,
    });
  });

  test("an interruption is one, wherever it comes", async () => {
    const controller = new AbortController();
    const { rpc } = await probe(
      { pdu: () => controller.abort("interrupted") },
      { rpcTimeoutMs: 10_000 },
      controller.signal,
    );
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "skipped", reason: "interrupted" } },
      plain: null,
    });
  });

  test("an interruption after the bind leaves the control unasked, and the acceptance as it is", async () => {
    const controller = new AbortController();
    const { rpc } = await probe(
      { pdu: (pdu, socket) => (pdu.ptype === 14 ? controller.abort("interrupted") : serve(pdu, socket)) },
      { rpcTimeoutMs: 10_000 },
      controller.signal,
    );
    expect(rpc).toMatchObject({
      bind: { answer: { outcome: "ok" } },
      control: { answer: "not-asked" },
      latency: { asked: 3, samples: 0 },
    });
  });

  test("an aborted signal connects nowhere", async () => {
    const { peer, evidence } = await probe({ pdu: serve }, {}, AbortSignal.abort("deadline"));
    expect(evidence).toMatchObject({ tcp: { outcome: "skipped", reason: "deadline" }, rpc: null });
    expect(peer.connections()).toBe(0);
  });
});

describe("TCP alone", () => {
  test("a closed port: refused at once, and the way there is known", async () => {
    const address = loopbackAddress();
    const port = await freePort(address);
    const evidence = await probeAddress(address, port, impatient({ timeoutMs: 5_000, retries: 3 }));
    expect(withoutTimes(evidence)).toMatchObject({
      address,
      family: 4,
      via: { address: "127.0.0.1", interface: expect.stringMatching(/^lo/), link: "loopback", owner: null },
      routeErrno: null,
      tcp: { outcome: "no-answer", cause: "ECONNREFUSED", tries: 1 },
      rpc: null,
    });
    expect(evidence.tcp).toHaveProperty("elapsedMs", atMost(1_000));
  });

  test.runIf(process.platform === "linux")(
    "a port that swallows every SYN: as many tries as were wanted, then silence",
    async () => {
      const queue = await startFullQueue();
      try {
        expect(queue.meets).toBe("silent");
        const evidence = await probeAddress(
          "127.0.0.1",
          queue.port,
          impatient({ timeoutMs: 150, retries: 2 }),
        );
        expect(withoutTimes(evidence)).toMatchObject({
          routeErrno: null,
          tcp: { outcome: "no-answer", cause: "deadline", tries: 3 },
          rpc: null,
        });
        // Of the last try alone.
        expect(evidence.tcp).toHaveProperty(
          "elapsedMs",
          expect.toSatisfy((ms: number) => ms >= 149 && ms < 700),
        );
      } finally {
        await queue.stop();
      }
    },
  );

  test.runIf(process.platform === "linux")(
    "an address that can't be connected to keeps its errno",
    async () => {
      // A broadcast address: the kernel refuses it for TCP without asking anybody.
      const evidence = await probeAddress("127.255.255.255", 1688, impatient());
      expect(withoutTimes(evidence)).toMatchObject({
        family: 4,
        tcp: { outcome: "no-answer", cause: "ENETUNREACH", tries: 1 },
        rpc: null,
      });
    },
  );
});

/** The first bytes of a PDU with a frag_length that says `claimed`, whatever is there. */
function shortened(pdu: Buffer, length: number, claimed = length, ptype = pdu.readUInt8(2)): Buffer {
  const copy = Buffer.from(pdu.subarray(0, length));
  copy.set([5, 0, ptype, 3, 0x10, 0, 0, 0]);
  copy.writeUInt16LE(claimed & 0xffff, 8);
  return copy;
}
