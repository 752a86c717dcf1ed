/**
 * Text of several sections that is written anew now and then and read far more often, as bytes in one place: what is
 * kept as strings is put together and encoded again by each who reads it, and what is written to a new place each time
 * is garbage of the kind that is collected last.
 */
export type KeptText = {
  /** Of all sections. */
  readonly length: number;
  write: (sections: readonly string[]) => void;
  /** @returns where the next piece begins. What it copies is good until the next write */
  copy: (section: number, to: Uint8Array, at: number) => number;
};

/** Room beyond what is written first, since figures vary in length. */
const SPARE = 1 / 8;

export function createKeptText(): KeptText {
  let bytes = Buffer.alloc(0);
  /** `ends[n]` is where section n ends. */
  let ends: readonly number[] = [];
  return {
    get length() {
      return ends.at(-1) ?? 0;
    },
    write(sections) {
      const text = sections.join("");
      const length = Buffer.byteLength(text);
      if (length > bytes.length) bytes = Buffer.allocUnsafeSlow(Math.ceil(length * (1 + SPARE)));
      bytes.write(text, 0);
      let end = 0;
      ends = sections.map((each) => (end += length === text.length ? each.length : Buffer.byteLength(each)));
    },
    copy(section, to, at) {
      const from = section === 0 ? 0 : (ends[section - 1] ?? 0);
      const end = ends[section] ?? from;
      if (end > from) bytes.copy(to, at, from, end);
      return at + end - from;
    },
  };
}
