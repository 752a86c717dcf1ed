import { SaxesParser } from "saxes";
import type { SaxesTagPlain } from "saxes";
import { NmapHosts } from "./nmap-hosts.ts";
import { show } from "./parse.ts";
import type { IntervalTarget } from "./range.ts";
import { UsageError } from "./usage-error.ts";

/** nmap nests ten deep: scripts write tables within tables. */
const MAX_DEPTH = 64;

/** Characters of one tag, comment or text: a script may put a whole page into an attribute. */
const MAX_PIECE = 1 << 20;

/**
 * Takes the hosts out of nmap's XML (`-oX`; masscan writes the same), piece by piece, as it is read. What a document type
 * declares is skipped: no entity but XML's own five has a meaning.
 */
export class NmapReader {
  readonly #name: string;
  readonly #parser = new SaxesParser();
  readonly #hosts: NmapHosts;
  /** Names of the open elements, the outermost first. */
  readonly #path: string[] = [];
  #seenRoot = false;
  #markedAt = 0;

  /**
   * @param name of the file, for messages
   * @param line the number of its first line
   * @param ports that are to be swept
   */
  constructor(name: string, line: number, ports: readonly number[], add: (target: IntervalTarget) => void) {
    this.#name = name;
    this.#hosts = new NmapHosts(ports, add);
    this.#parser.line = line;
    const mark = (): void => {
      this.#markedAt = this.#parser.position;
    };
    this.#parser.on("error", ({ message }) => {
      this.#fail(
        this.#seenRoot && message.includes("XML declaration must be at the start")
          ? "has more than one document, as nmap --append-output leaves them: give each scan a file of its own"
          : `is no well-formed XML: ${show(message.replace(/^\d+:\d+: /, ""))}`,
      );
    });
    this.#parser.on("opentag", (tag) => {
      mark();
      this.#open(tag);
    });
    this.#parser.on("closetag", () => {
      mark();
      this.#hosts.close(this.#path.join("/"));
      this.#path.pop();
    });
    for (const event of ["comment", "cdata", "doctype", "processinginstruction"] as const)
      this.#parser.on(event, mark);
  }

  /** @throws UsageError with line and column */
  write(text: string): void {
    this.#parser.write(text);
    if (this.#parser.position - this.#markedAt > MAX_PIECE)
      this.#fail("has more than a million characters without a tag: this is not nmap's XML");
  }

  /**
   * A scan that was interrupted leaves a file without its end: its hosts count up to there.
   * @returns what should be known of it, a sentence each
   * @throws UsageError where it ends before the first host
   */
  end(): string[] {
    const isWhole = this.#seenRoot && this.#path.length === 0;
    if (isWhole) this.#parser.close();
    else if (this.#hosts.ended === 0) this.#fail("ends before its first host: scan again with nmap -oX");
    const notes = this.#hosts.notes();
    if (!isWhole) {
      notes.unshift(
        `it ends at line ${this.#parser.line} without </nmaprun>, as an interrupted scan does: taken as far as it goes`,
      );
    }
    return notes.map((note) => `${this.#name}: ${note}`);
  }

  #open({ name, attributes }: SaxesTagPlain): void {
    this.#path.push(name);
    if (this.#path.length > MAX_DEPTH)
      this.#fail(`nests more than ${MAX_DEPTH} elements: this is not nmap's XML`);
    if (!this.#seenRoot && name !== "nmaprun")
      this.#fail(`begins with <${show(name)}>, not with <nmaprun>: write it with nmap -oX`);
    this.#seenRoot = true;
    const mistake = this.#hosts.open(this.#path.join("/"), attributes);
    if (mistake !== null) this.#fail(mistake);
  }

  #fail(message: string): never {
    const { line, column } = this.#parser;
    throw new UsageError(`${this.#name}, line ${line}, column ${column}: it ${message}`);
  }
}
