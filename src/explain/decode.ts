/** Bytes to text: whatever a console, Notepad or PowerShell wrote them with. */
import { CODE_PAGES } from "./code-pages.ts";
import { labelsIn } from "./labels.ts";

export type Decoded = { readonly text: string; readonly encoding: string };

/** What Windows consoles and "ANSI" files are written with, by region. In order of how often they are met. */
const LEGACY = [
  "windows-1252",
  "cp850",
  "gbk",
  "ibm866",
  "windows-1251",
  "shift_jis",
  "euc-kr",
  "big5",
  "cp437",
  "cp852",
  "windows-1250",
  "cp857",
  "windows-1254",
] as const;

/** As much as tells one code page from another. */
const SAMPLE = 64 * 1024;

/** Letters that hardly ever stand in the text of these tools: a sign of the wrong code page. */
const SCRIPTS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u,
  /\p{Script=Hangul}/u,
];

/**
 * By a byte order mark, by NULs, as UTF-8, and else by whichever legacy code page makes the likeliest text. Never
 * throws.
 */
export function decodeText(bytes: Uint8Array): Decoded {
  if (startsWith(bytes, 0xef, 0xbb, 0xbf)) return decoded(bytes.subarray(3), "utf-8");
  if (startsWith(bytes, 0xff, 0xfe)) return decoded(bytes.subarray(2), "utf-16le");
  if (startsWith(bytes, 0xfe, 0xff)) return decoded(bytes.subarray(2), "utf-16be");
  const wide = wideByNuls(bytes);
  if (wide !== null) return decoded(bytes, wide);
  if (isUtf8(bytes)) return decoded(bytes, "utf-8");
  const sample = telling(bytes);
  let best: { encoding: (typeof LEGACY)[number]; score: number } = { encoding: LEGACY[0], score: -Infinity };
  for (const encoding of LEGACY) {
    const score = likeness(decoded(sample, encoding).text);
    if (score > best.score) best = { encoding, score };
  }
  return decoded(bytes, best.encoding);
}

/** The lines that are not ASCII, up to as much as tells: the others are alike in every code page. */
function telling(bytes: Uint8Array): Uint8Array {
  const sample = new Uint8Array(Math.min(bytes.length, SAMPLE));
  let length = 0;
  let start = 0;
  let high = false;
  for (let at = 0; at <= bytes.length && length < SAMPLE; at++) {
    const byte = bytes[at] ?? LINE_FEED;
    if (byte >= 0x80) high = true;
    if (byte !== LINE_FEED) continue;
    const line = bytes.subarray(start, Math.min(at + 1, start + SAMPLE - length));
    if (high) {
      sample.set(line, length);
      length += line.length;
    }
    start = at + 1;
    high = false;
  }
  return sample.subarray(0, length);
}

const LINE_FEED = 0x0a;

/** Making one costs more than a short text. */
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

function decoded(bytes: Uint8Array, encoding: string): Decoded {
  const page = Object.entries(CODE_PAGES).find(([name]) => name === encoding)?.[1];
  if (page !== undefined) return { text: byPage(bytes, page), encoding };
  const decoder = decoders.get(encoding) ?? new TextDecoder(encoding);
  decoders.set(encoding, decoder);
  return { text: decoder.decode(bytes), encoding };
}

function byPage(bytes: Uint8Array, page: string): string {
  const codes = new Uint16Array(bytes.length);
  for (const [at, byte] of bytes.entries()) codes[at] = byte < 0x80 ? byte : page.charCodeAt(byte - 0x80);
  return decoded(new Uint8Array(codes.buffer), "utf-16le").text;
}

function startsWith(bytes: Uint8Array, ...mark: number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

/** UTF-16 without its mark: of each ASCII sign in it one byte is NUL, and in no other text is any. */
function wideByNuls(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const looked = Math.min(bytes.length, 4_096);
  let even = 0;
  let odd = 0;
  for (let at = 0; at < looked; at++) {
    if (bytes[at] !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  if (Math.max(even, odd) < 2) return null;
  return odd > even * 4 ? "utf-16le" : even > odd * 4 ? "utf-16be" : null;
}

const strict = new TextDecoder("utf-8", { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** How much a text is like what Windows prints: known labels above all, then letters among their own kind. */
function likeness(text: string): number {
  let score = labelsIn(text) * 100;
  let before = "";
  for (const sign of text) {
    if (sign > "\u007F") score += likely(sign, before);
    before = sign;
  }
  return score;
}

function likely(sign: string, before: string): number {
  // Where all else is ASCII, the input method's colon is what tells.
  if (sign === "：") return 3;
  const script = SCRIPTS.findIndex((each) => each.test(sign));
  if (script === -1) return /[“”„’–—…（），。、：「」《》«»©®°·•\u00A0]/u.test(sign) ? 0 : -3;
  // Half-width kana are what other code pages' letters look like in a Japanese one.
  if (/[\uFF61-\uFF9F]/.test(sign)) return -1;
  // An ideograph takes two bytes where a letter takes one.
  const worth = script >= 2 ? 2 : 1;
  if (script === 0 && /[A-Z]/.test(sign.normalize("NFD")) && /[a-z]/.test(before)) return -2;
  const neighbour = SCRIPTS.findIndex((each) => each.test(before));
  if (neighbour !== -1 && neighbour !== script) return script >= 2 ? -1 : -2;
  return worth;
}
