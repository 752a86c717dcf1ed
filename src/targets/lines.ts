import type { Target } from "./range.ts";
import { UsageError } from "./usage-error.ts";

/** Characters of a line: a longer one is no list. */
const MAX_LINE = 65_536;

/** Takes the targets out of the lines of a list, piece by piece, as it is read. */
export class LineReader {
  readonly #name: string;
  readonly #parse: (text: string) => Target;
  readonly #add: (target: Target) => void;
  #line: number;
  /** A line whose end was not read yet. */
  #rest = "";

  /**
   * @param name of the file, for messages
   * @param line the number of its first line
   */
  constructor(name: string, line: number, parse: (text: string) => Target, add: (target: Target) => void) {
    this.#name = name;
    this.#line = line;
    this.#parse = parse;
    this.#add = add;
  }

  /** @throws UsageError with the line */
  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      this.#take(line);
      this.#line += 1;
    }
    if (this.#rest.length > MAX_LINE) this.#take(this.#rest);
  }

  end(): string[] {
    this.#take(this.#rest);
    return [];
  }

  #take(line: string): void {
    try {
      if (line.length > MAX_LINE)
        throw new UsageError(
          `it is longer than ${MAX_LINE.toLocaleString("en")} characters: write one target a line`,
        );
      // Most lines are an address and nothing else.
      const words = /[\s,#]/.test(line) ? line.replace(/#.*/s, "").split(/[\s,]+/) : [line];
      for (const word of words) if (word !== "") this.#add(this.#parse(word));
    } catch (error) {
      if (error instanceof UsageError)
        throw new UsageError(`${this.#name}, line ${this.#line}: ${error.message}`);
      throw error;
    }
  }
}
