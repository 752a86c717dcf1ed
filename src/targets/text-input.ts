/**
 * Bytes of a file that people made, as text: UTF-8 with or without a byte order mark, or UTF-16 as Windows PowerShell
 * writes it, known by its mark or by the NULs between its letters.
 */

/** As many bytes show which it is. */
const ENOUGH = 4;

/** Bytes may come in pieces of any size. */
export class TextInput {
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  #begun: Uint8Array = new Uint8Array();

  write(bytes: Uint8Array): string {
    if (this.#decoder !== null) return this.#decoder.decode(bytes, { stream: true });
    this.#begun = Buffer.concat([this.#begun, bytes]);
    return this.#begun.length < ENOUGH ? "" : this.#begin();
  }

  end(): string {
    return (this.#decoder === null ? this.#begin() : "") + (this.#decoder?.decode() ?? "");
  }

  #begin(): string {
    this.#decoder = new TextDecoder(encodingOf(this.#begun));
    return this.#decoder.decode(this.#begun, { stream: true });
  }
}

/** The whole of a text at once, by its byte order mark; UTF-8 without one. */
export function textOf(bytes: Uint8Array): string {
  const input = new TextInput();
  return input.write(bytes) + input.end();
}

/** Every text that is read here begins with a letter of ASCII, if it is not empty. */
function encodingOf([a, b, c, d]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return "utf-16le";
  return a === 0 && b !== 0 && c === 0 && d !== 0 ? "utf-16be" : "utf-8";
}
