/** A small deterministic generator (mulberry32): the same seed gives the same inputs on every machine. */
export class Random {
  #state: number;
  readonly #alphabet: Uint8Array | null;

  /** @param alphabet what `byte` and `bytes` draw from, for decoders of text; all 256 values without it */
  constructor(seed: number, alphabet: Uint8Array | null = null) {
    this.#state = seed >>> 0;
    this.#alphabet = alphabet;
  }

  /** 0 to 0xffffffff. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `limit` - 1; 0 for a limit of 0. */
  below(limit: number): number {
    return limit <= 0 ? 0 : this.u32() % limit;
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }

  get hasAlphabet(): boolean {
    return this.#alphabet !== null;
  }

  byte(): number {
    // Now and then any byte all the same.
    if (this.#alphabet === null || this.below(16) === 0) return this.u32() & 0xff;
    return this.#alphabet[this.below(this.#alphabet.length)] ?? 0;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.byte());
  }
}
