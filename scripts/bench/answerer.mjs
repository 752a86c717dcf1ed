// What answerer.c does, for machines without a C compiler: `answerer.mjs LIST [PORT]`. Dearer, so a sweep that is measured
// against it looks slower than it is.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const BIND = 11;
const ALTER_CONTEXT = 14;
const KMS = Buffer.from("7521c8514e845047b0d8ec255555bc0601000000", "hex");
const NDR32 = Buffer.from("045d888aeb1cc9119fe808002b10486002000000", "hex");
const FEATURES = Buffer.from("2c1cb76c12984045", "hex");
const NO_SYNTAX = Buffer.alloc(20);
const MANNERS = ["serves", "anything", "silent", "closes"];

const [list, port = "1688"] = process.argv.slice(2);
if (list === undefined) {
  console.error("usage: answerer.mjs LIST [PORT]");
  process.exit(2);
}
const lines = readFileSync(list, "utf8").split("\n").filter(Boolean);
await Promise.all(
  lines.map((line) => {
    const [host, manner = "serves"] = line.trim().split(/\s+/);
    if (!MANNERS.includes(manner)) throw new Error(`no manner is called ${manner}`);
    const server = createServer({ noDelay: true }, (socket) => converse(socket, manner));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port: Number(port), backlog: 1024 }, resolve);
    });
  }),
);
console.log(`ready ${lines.length}`);

function converse(socket, manner) {
  let held = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    if (manner === "silent") return;
    held = Buffer.concat([held, bytes]);
    const { said, rest } =
      manner === "closes" ? { said: [], rest: null } : answers(held, manner === "anything");
    for (const each of said) socket.write(each);
    if (rest === null) socket.destroy();
    else held = rest;
  });
}

/** The answers to every whole PDU there is; `rest` is null where the connection is to be closed. */
function answers(bytes, anyInterface) {
  const said = [];
  let rest = bytes;
  while (rest.length >= 16) {
    const length = rest.readUInt16LE(8);
    // Version 5.0, little-endian, and of a size that fits.
    if (rest[0] !== 5 || rest[4] !== 0x10 || length < 16 || length > 1024) return { said, rest: null };
    if (rest.length < length) break;
    const each = answer(rest.subarray(0, length), anyInterface);
    if (each === null) return { said, rest: null };
    said.push(each);
    rest = rest.subarray(length);
  }
  return { said, rest };
}

/** C706 12.6.4.4; null where there is no answer to it. */
function answer(pdu, anyInterface) {
  const ptype = pdu[2];
  if ((ptype !== BIND && ptype !== ALTER_CONTEXT) || pdu.length < 28) return null;
  const name = ptype === BIND ? Buffer.from(`${port}\0`, "latin1") : Buffer.alloc(0);
  const head = Buffer.alloc(Math.ceil((26 + name.length) / 4) * 4 + 4);
  head.set([5, 0, ptype + 1, 3, 0x10]);
  pdu.copy(head, 12, 12, 16);
  head.writeUInt16LE(Math.min(5840, pdu.readUInt16LE(16)), 16);
  head.writeUInt16LE(Math.min(5840, pdu.readUInt16LE(18)), 18);
  head.writeUInt32LE(0x53f0, 20);
  head.writeUInt16LE(name.length, 24);
  name.copy(head, 26);
  head[head.length - 4] = pdu[24];
  const results = [];
  for (let left = pdu[24], at = 28; left > 0; left -= 1) {
    const transfers = pdu[at + 2] ?? 0;
    const next = at + 24 + 20 * transfers;
    if (transfers === 0 || next > pdu.length) return null;
    results.push(contextResult(pdu.subarray(at + 4, at + 24), pdu.subarray(at + 24, next), anyInterface));
    at = next;
  }
  const said = Buffer.concat([head, ...results]);
  said.writeUInt16LE(said.length, 8);
  return said;
}

function result(code, reason, syntax) {
  return Buffer.concat([Buffer.from([code, 0, reason, 0]), syntax]);
}

function contextResult(abstract, transfers, anyInterface) {
  const offered = Array.from({ length: transfers.length / 20 }, (_, at) =>
    transfers.subarray(at * 20, at * 20 + 20),
  );
  if (offered.some((syntax) => syntax.subarray(0, 8).equals(FEATURES))) return result(3, 3, NO_SYNTAX);
  if (!anyInterface && !abstract.equals(KMS)) return result(2, 1, NO_SYNTAX);
  return offered.some((syntax) => syntax.equals(NDR32)) ? result(0, 0, NDR32) : result(2, 2, NO_SYNTAX);
}
