import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { programPath } from "./available.ts";
import { makeServerDir, removeServerDir, startProcess } from "./process.ts";

const run = promisify(execFile);

/** What is on the port: TCP carries DCE/RPC, UDP carries DNS. */
type Transport = "tcp" | "udp";
const PAYLOAD = { tcp: "dcerpc", udp: "dns" } as const;

/** Bytes as they went over the wire. A bare Uint8Array is from the client. */
export type Payload = { from: "client" | "server"; bytes: Uint8Array };

/** One entry of Wireshark's expert information, e.g. a fault is a "note", a malformed packet an "error". */
export type Expert = { layer: string; severity: "chat" | "note" | "warn" | "error"; message: string };

/** One PDU; `opnum` only in a request and its response. */
export type DecodedPdu = { pktType: number; callId: number; opnum: number | null };

export type DecodedFrame = {
  number: number;
  /** From the outside in, e.g. ["eth", "ethertype", "ip", "tcp", "dcerpc"]. */
  protocols: readonly string[];
  srcPort: number;
  dstPort: number;
  /** What the frame carries above TCP or UDP. */
  payloadBytes: number;
  /** DCE/RPC PDUs that end in this frame: several, if they were sent in one segment. */
  pdus: readonly DecodedPdu[];
  expert: readonly Expert[];
  /** Everything tshark says of the frame, under its own field names. */
  layers: Readonly<Record<string, unknown>>;
};

/** Lets tshark decode bytes that were never sent, as DCE/RPC on this TCP port: one frame a payload. */
export function decodeFrames(
  payloads: readonly (Uint8Array | Payload)[],
  tcpPort: number,
): Promise<DecodedFrame[]> {
  return decodePayloads(payloads, "tcp", tcpPort);
}

/** Lets tshark decode bytes that were never sent, as DNS on this UDP port. */
export function decodeDatagrams(
  payloads: readonly (Uint8Array | Payload)[],
  udpPort: number,
): Promise<DecodedFrame[]> {
  return decodePayloads(payloads, "udp", udpPort);
}

export type Capture = { stop: () => Promise<DecodedFrame[]> };

/**
 * Records what goes over loopback to and from one port until it is stopped. Needs the right to capture.
 * @returns once packets are being recorded; `stop` gives the frames in the order they were sent
 */
export function captureLoopback(settings: { port: number; transport?: Transport }): Promise<Capture> {
  const { port, transport = "tcp" } = settings;
  return capture({ device: "lo", filter: `${transport} port ${port}`, transport, ports: [port] });
}

/**
 * The same for an interface, here or in a network namespace, and everything that a capture filter lets through.
 * @param settings.ports what goes to and from these is decoded as DCE/RPC, or as DNS
 */
export async function capture(settings: {
  namespace?: string;
  device: string;
  filter: string;
  transport: Transport;
  ports: readonly number[];
}): Promise<Capture> {
  const { namespace, device, filter, transport, ports } = settings;
  // Not in the directory of the process, which goes away with it: the file is read after that.
  const dir = await makeServerDir("capture");
  const file = join(dir, "capture.pcapng");
  const recorder = await startProcess({
    command: programPath("dumpcap"),
    args: ["-q", "-i", device, "-f", filter, "-w", file],
    dir: await makeServerDir("dumpcap"),
    namespace,
    ready: (said) => said.includes("File: "),
  });
  const stop = async (): Promise<DecodedFrame[]> => {
    // The kernel hands packets over in blocks, up to 250 ms after they passed.
    await sleep(400);
    await recorder.stop();
    try {
      return await readCapture(dir, file, transport, ports);
    } finally {
      await removeServerDir(dir);
    }
  };
  return { stop };
}

/**
 * What is wrong with a frame by tshark's judgement: a warning or an error above TCP, or bytes it cannot name.
 *
 * The first half of a PDU that went out in two segments has no name either, and counts.
 */
export function complaints(frame: DecodedFrame): string[] {
  const known = frame.protocols.some((protocol) => protocol === "dcerpc" || protocol === "dns");
  const unknown =
    known || frame.payloadBytes === 0
      ? []
      : [`frame ${frame.number}: not recognised (${frame.protocols.join(":")})`];
  const experts = frame.expert
    .filter(({ layer, severity }) => layer !== "tcp" && (severity === "warn" || severity === "error"))
    .map(({ layer, severity, message }) => `frame ${frame.number}: ${severity} in ${layer}: ${message}`);
  return [...unknown, ...experts];
}

async function decodePayloads(
  payloads: readonly (Uint8Array | Payload)[],
  transport: Transport,
  port: number,
): Promise<DecodedFrame[]> {
  const dir = await makeServerDir("tshark");
  const hex = join(dir, "payloads.txt");
  const file = join(dir, "payloads.pcapng");
  // text2pcap makes up Ethernet, IP and TCP around each payload, with running sequence numbers.
  const ports = `${port === 40_000 ? 40_001 : 40_000},${port}`;
  try {
    await writeFile(hex, payloads.map(hexDump).join(""));
    await run(programPath("text2pcap"), ["-q", "-D", transport === "tcp" ? "-T" : "-u", ports, hex, file]);
    return await readCapture(dir, file, transport, [port]);
  } finally {
    await removeServerDir(dir);
  }
}

/** text2pcap's input: a direction ("I" keeps the port order, "O" turns it round), then offset and bytes. */
function hexDump(payload: Uint8Array | Payload): string {
  const { from, bytes } = payload instanceof Uint8Array ? { from: "client", bytes: payload } : payload;
  const octets = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  return `${from === "client" ? "I" : "O"}\n000000 ${octets.join(" ")}\n`;
}

async function readCapture(
  dir: string,
  file: string,
  transport: Transport,
  ports: readonly number[],
): Promise<DecodedFrame[]> {
  const decodeAs = ports.flatMap((port) => ["-d", `${transport}.port==${port},${PAYLOAD[transport]}`]);
  const { stdout } = await run(
    programPath("tshark"),
    ["-n", "-r", file, ...decodeAs, "-T", "json", "--no-duplicate-keys"],
    // Nobody's own Wireshark settings may change what a test sees.
    { env: { ...process.env, WIRESHARK_CONFIG_DIR: dir }, maxBuffer: 256 * 1024 * 1024 },
  );
  const packets: unknown = JSON.parse(stdout);
  return Array.isArray(packets) ? packets.map(decodedFrame) : [];
}

function decodedFrame(packet: unknown): DecodedFrame {
  const layers = record(record(record(packet)["_source"])["layers"]);
  const frame = record(layers["frame"]);
  const ports = record(layers["tcp"] ?? layers["udp"]);
  return {
    number: Number(frame["frame.number"]),
    protocols: String(frame["frame.protocols"]).split(":"),
    srcPort: Number(ports["tcp.srcport"] ?? ports["udp.srcport"]),
    dstPort: Number(ports["tcp.dstport"] ?? ports["udp.dstport"]),
    payloadBytes: Number(ports["tcp.len"] ?? Number(ports["udp.length"]) - 8),
    pdus: [layers["dcerpc"] ?? []].flat().map((layer) => decodedPdu(record(layer))),
    expert: Object.entries(layers).flatMap(([layer, tree]) => expertOf(layer, tree)),
    layers,
  };
}

function decodedPdu(layer: Readonly<Record<string, unknown>>): DecodedPdu {
  const opnum = layer["dcerpc.opnum"];
  return {
    pktType: Number(layer["dcerpc.pkt_type"]),
    callId: Number(layer["dcerpc.cn_call_id"]),
    opnum: opnum === undefined ? null : Number(opnum),
  };
}

/** Expert entries hang anywhere in a layer's tree, below the field they are about. */
function expertOf(layer: string, tree: unknown): Expert[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => expertOf(layer, item));
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === "_ws.expert"
      ? [value].flat().map((entry) => expert(layer, record(entry)))
      : expertOf(layer, value),
  );
}

function expert(layer: string, entry: Readonly<Record<string, unknown>>): Expert {
  const severity = Number(entry["_ws.expert.severity"]);
  const message = String(entry["_ws.expert.message"]);
  // PI_ERROR, PI_WARN and PI_NOTE of Wireshark's proto.h.
  if (severity >= 0x800000) return { layer, severity: "error", message };
  if (severity >= 0x600000) return { layer, severity: "warn", message };
  return { layer, severity: severity >= 0x400000 ? "note" : "chat", message };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
