/** The whole of it: text in, pieces, then facts, then causes. Pure, and linear in the length of the text. */
import { causesOfClaims } from "./causes.ts";
import type { Claimed } from "./causes.ts";
import { linesBeyond, linesOf } from "./clean.ts";
import type { Line } from "./clean.ts";
import { codeEntry } from "./codes.ts";
import { codeClaims } from "./claims.ts";
import { mayBegin } from "./first-look.ts";
import type { Claim, Found, Recogniser } from "./found.ts";
import { partsOf, win32Of } from "./hresult.ts";
import type { ExplainedCode, Explanation, Piece } from "./model.ts";
import { w32tm } from "./read/w32tm.ts";
import { event } from "./read/event.ts";
import { ipconfig } from "./read/ipconfig.ts";
import { cimTable } from "./read/cim-table.ts";
import { cim } from "./read/cim.ts";
import { message, xpr } from "./read/messages.ts";
import { netcat } from "./read/netcat.ts";
import { netstat } from "./read/netstat.ts";
import { nslookup } from "./read/nslookup.ts";
import { osppHistory } from "./read/ospp-history.ts";
import { ospp } from "./read/ospp.ts";
import { psping } from "./read/psping.ts";
import { registry } from "./read/registry.ts";
import { resolveDnsName } from "./read/resolve-dnsname.ts";
import { service } from "./read/service.ts";
import { slmgr } from "./read/slmgr.ts";
import { telnet } from "./read/telnet.ts";
import { testNetConnection } from "./read/test-netconnection.ts";
import * as value from "./values.ts";

/** In this order: what is told by more comes first. */
const RECOGNISERS: readonly Recogniser[] = [
  event,
  cim,
  cimTable,
  registry,
  osppHistory,
  ospp,
  xpr,
  slmgr,
  testNetConnection,
  telnet,
  netcat,
  psping,
  netstat,
  resolveDnsName,
  nslookup,
  service,
  w32tm,
  ipconfig,
  message,
];

/** More than anybody pastes; lines behind them are counted. */
const MOST_PIECES = 500;
const MOST_CODES = 200;
const MOST_PLACES = 10;

/** One text, decoded. `name` is its file, `-` for standard input. */
export type Input = { readonly name: string; readonly text: string; readonly encoding: string };

/** @param codes HRESULTs that were given by themselves, as `hresultOf` writes them */
export function explain(inputs: readonly Input[], codes: readonly string[], version: string): Explanation {
  return explained(inputs, codes, version).explanation;
}

/** The same, with the claims that its causes were made of: what the network shows is weighed with them. */
export function explained(
  inputs: readonly Input[],
  codes: readonly string[],
  version: string,
): { explanation: Explanation; claims: Claimed[] } {
  const pieces: Piece[] = [];
  const claims: Claimed[] = [];
  const places = new Map<string, number[]>(codes.map((code) => [code, []]));
  const read = inputs.map(({ name, text, encoding }) => {
    const lines = linesOf(text);
    const { found, left } = piecesIn(lines);
    for (const each of found) {
      for (const made of each.claims) claims.push({ claim: made, piece: pieces.length, line: each.from + 1 });
      pieces.push(pieceOf(each, name));
    }
    for (const { text: row, number } of lines) {
      for (const code of value.codesIn(row)) {
        const at = places.get(code) ?? [];
        if (at.length < MOST_PLACES) places.set(code, [...at, number]);
      }
      if (places.size > MOST_CODES) break;
    }
    return { name, encoding, lines: lines.length, left: left + linesBeyond(text) };
  });
  const all = [...places].map(([code, lines]) => explainCode(code, lines));
  for (const code of codes)
    for (const made of codeClaims([code])) claims.push({ claim: made, piece: null, line: 0 });
  const explanation: Explanation = {
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version },
    inputs: read,
    pieces,
    codes: all,
    causes: causesOfClaims(claims, all),
    contradictions: [],
    report: null,
  };
  return { explanation, claims };
}

/** A recogniser takes whole lines, and each is looked at again only where none took it. */
export function piecesIn(lines: readonly Line[]): { found: Found[]; left: number } {
  const found: Found[] = [];
  let left = 0;
  for (let at = 0; at < lines.length;) {
    const line = lines[at];
    const piece = line === undefined || !mayBegin(line) ? null : pieceAt(lines, at);
    if (piece === null) {
      at += 1;
      continue;
    }
    found.push(piece);
    at = Math.max(at + 1, piece.to);
    if (found.length === MOST_PIECES) {
      left = lines.length - at;
      break;
    }
  }
  return { found, left };
}

/** What begins at that line, by all recognisers, without the first look at it. */
export function pieceAt(lines: readonly Line[], at: number): Found | null {
  for (const recogniser of RECOGNISERS) {
    const piece = recogniser(lines, at);
    if (piece !== null) return piece;
  }
  return null;
}

function pieceOf(
  { kind, side, language, facts, says, doesNotTell, next, claims, cause, from, to }: Found,
  input: string,
): Piece {
  return {
    kind,
    side,
    language,
    input,
    lines: { from: from + 1, to },
    facts,
    cause: cause ?? leading(claims),
    says,
    doesNotTell,
    next: [...next],
  };
}

/** What carries it, before what it speaks for. */
function leading(claims: readonly Claim[]): Piece["cause"] {
  const best =
    claims.find(({ state }) => state === "confirmed") ?? claims.find(({ state }) => state === "possible");
  return best?.cause ?? "unknown";
}

/**
 * What one code says, whether it is known or not.
 * @param lines where it stands in the text
 */
export function explainCode(code: string, lines: readonly number[] = []): ExplainedCode {
  const entry = codeEntry(code);
  if (entry !== undefined) {
    const { name, says, proves, fits, next } = entry;
    return {
      code,
      name,
      known: true,
      success: entry.success === true || code.startsWith("0x4"),
      says,
      proves,
      fits: [...fits],
      next,
      lines: [...lines],
    };
  }
  const { failure, facility, low } = partsOf(code);
  const win32 = win32Of(code);
  const inside = win32 === null ? `number ${low} of facility ${facility}` : `Win32 error ${win32}`;
  return {
    code,
    name: null,
    known: false,
    success: !failure,
    says: `${failure ? "A failure" : "A success or information"}: ${inside}. Nothing more is known of it here.`,
    proves: null,
    fits: [],
    next: `slui.exe 0x2a ${code} on Windows shows its text`,
    lines: [...lines],
  };
}
