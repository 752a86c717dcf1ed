/**
 * The only place that touches raw offsets. A `Reader` checks every read against what is there, so decoders above it
 * read fields in wire order and never re-check. What goes wrong is thrown as `Malformed` and turned into a value by
 * `decoding`: no decoder throws.
 */

/** Where the bytes stopped making sense, in our own words. */
export type Fault = { at: number; what: string };

export type Decoded<Value> = { ok: true; value: Value } | { ok: false; fault: Fault };

class Malformed extends Error {
  readonly fault: Fault;

  constructor(at: number, what: string) {
    super(what);
    this.fault = { at, what };
  }
}

export type ByteOrder = "little" | "big";

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  order: ByteOrder = "little";

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Goes on reading from there; what lies beyond the end shows at the next read. */
  jump(to: number): void {
    this.#at = to;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#advance(1, what));
  }

  u16(what: string): number {
    return this.#view.getUint16(this.#advance(2, what), this.order === "little");
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#advance(4, what), this.order === "little");
  }

  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#advance(8, what), this.order === "little");
  }

  take(length: number, what: string): Uint8Array {
    const start = this.#advance(length, what);
    return this.#bytes.subarray(start, start + length);
  }

  skip(length: number, what: string): void {
    this.#advance(length, what);
  }

  /** To the next multiple of `size`, counted from the start of the bytes. The padding may hold anything. */
  align(size: number, what: string): void {
    this.#advance((size - (this.#at % size)) % size, what);
  }

  fail(what: string): never {
    throw new Malformed(this.#at, what);
  }

  #advance(length: number, what: string): number {
    const start = this.#at;
    if (length > this.left)
      throw new Malformed(start, `cut short: ${what} needs ${length} bytes, ${this.left} are left`);
    this.#at = start + length;
    return start;
  }
}

/** Runs a decoder and hands back its value, or the fault it stopped at. Anything else thrown is our bug and passes. */
export function decoding<Value>(decode: () => Value): Decoded<Value> {
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, fault: error.fault };
    throw error;
  }
}

/** Little-endian writer of known length; writing past the end is our bug. */
export class Writer {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  done(): Uint8Array {
    if (this.#at !== this.#view.byteLength)
      throw new RangeError(`wrote ${this.#at} of ${this.#view.byteLength} bytes`);
    return this.#bytes;
  }
}

/** In small letters, without separators. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** @throws RangeError on anything but whole bytes in hex: for constants and fixtures, not for input. */
export function fromHex(hex: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw new RangeError("not hexadecimal");
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
