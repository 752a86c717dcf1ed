/** A DNS message being read, and the names in it. */
import { Buffer } from "node:buffer";
import { Reader } from "../bytes.ts";
import { normalizeName, SPOILS_TEXT } from "../name.ts";

/** More than any name needs: it has at most 127 labels, and a pointer for each. */
const MAX_POINTERS = 128;

/**
 * Labels and pointers read in one message. 512 records with 512 addresses take some 7,000; names that lead from label
 * to label through the whole of a message of 64 KB could take it a second of work.
 */
const MAX_NAME_STEPS = 12_288;

/** The top bits of a length byte that is none (RFC 1035 4.1.4). */
const POINTER = 0xc0;

/** What nearly every label is: nothing in it to escape. */
const PLAIN_LABEL = /^[\w-]*$/;

/** A message being read: its bytes, how far, and how much work its names may still be. */
export class Message {
  readonly reader: Reader;
  /** For what pointers lead to. */
  readonly aside: Reader;
  #stepsLeft = MAX_NAME_STEPS;

  constructor(bytes: Uint8Array) {
    this.reader = new Reader(bytes);
    this.aside = new Reader(bytes);
  }

  /** One label or pointer more. */
  step(): void {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0) this.reader.fail(`more than ${MAX_NAME_STEPS} labels and pointers in names`);
  }
}

/**
 * A name in lower case, its pointers followed (RFC 1035 4.1.4): backwards only, and not for ever. What would spoil
 * the text stands as \DDD, a dot inside a label too (RFC 1035 5.1), so that peers can't put controls into reports.
 */
export function readName(message: Message, what: string): string {
  let text = "";
  let { reader } = message;
  let lowest = reader.at;
  let pointers = 0;
  let total = 1;
  for (;;) {
    message.step();
    const length = reader.u8(what);
    if (length === 0) return text === "" ? "." : normalizeName(text);
    if (length >= POINTER) {
      const to = (length - POINTER) * 256 + reader.u8(what);
      pointers += 1;
      if (to >= lowest) return reader.fail(`${what}: a pointer that doesn't lead backwards`);
      if (pointers > MAX_POINTERS) return reader.fail(`${what}: more than ${MAX_POINTERS} pointers`);
      lowest = to;
      reader = message.aside;
      reader.jump(to);
      continue;
    }
    if (length >= 64) return reader.fail(`${what}: a label of unknown type`);
    total += 1 + length;
    if (total > 255) return reader.fail(`${what}: longer than 255 bytes`);
    const read = utf8(reader.take(length, what));
    const label = PLAIN_LABEL.test(read) ? read : read.replace(SPOILS_TEXT, escaped);
    text += text === "" ? label : `.${label}`;
  }
}

/** Past a name without reading it. Its text is not wanted. */
export function passName(reader: Reader, what: string): "" {
  for (;;) {
    const length = reader.u8(what);
    if (length === 0) return "";
    if (length >= POINTER) {
      reader.skip(1, what);
      return "";
    }
    if (length >= 64) return reader.fail(`${what}: a label of unknown type`);
    reader.skip(length, what);
  }
}

/** Bytes that are no UTF-8 stand as U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

/** `\\DDD`, as RFC 1035 5.1 writes what would spoil a text. */
export function escaped(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, "0")}`;
}
