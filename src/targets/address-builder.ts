import type { AddressColumns } from "./address-columns.ts";
import { IntervalList } from "./interval-list.ts";
import type { Span } from "./interval-list.ts";
import { ipText } from "./ip-value.ts";
import type { Family } from "./ip-value.ts";
import { subtract, union } from "./spans.ts";
import { UsageError } from "./usage-error.ts";

/** Where sweeps end: what an index of 32 bits can name, and a visit at full speed takes days for. */
const MAX_SIZE = 2 ** 32;

/** Separate ranges that are kept, targets and exclusions together: some 128 MiB for IPv4, twice that for IPv6. */
const MAX_RANGES = 2 ** 23;

/** What is taken beyond that, as a share, before all is merged: most of a long list may become one range. */
const SLACK = 1 / 8;

/** A part of what is to be swept. */
export type AddressRow = Span & { port: number; family: Family };

const FAMILIES = [4, 6] as const;

/** Gathers what to sweep and what to leave out, in any order and with any overlap, and makes columns of it. */
export class AddressBuilder {
  readonly #targets = new ListsByPort();
  readonly #exclusions = new ListsByPort();
  readonly #maxRanges: number;
  #lines = 0;

  constructor(maxRanges = MAX_RANGES) {
    this.#maxRanges = maxRanges;
  }

  /**
   * @param port null for each of the ports that `build` is given
   * @throws UsageError where there are too many separate ranges
   */
  add(family: Family, first: bigint, last: bigint, port: number | null): void {
    this.#targets.list(family, port).add(first, last);
    this.#count();
  }

  /** @param port null for any port */
  exclude(family: Family, first: bigint, last: bigint, port: number | null): void {
    this.#exclusions.list(family, port).add(first, last);
    this.#count();
  }

  /**
   * What is left of the targets, ascending by port, family and address.
   * @param ports those of targets without one
   */
  *rows(ports: readonly number[]): Generator<AddressRow> {
    const given = new Set(ports);
    const all = new Set([...ports, ...this.#targets.ports()]);
    for (const port of [...all].toSorted((a, b) => a - b)) {
      for (const family of FAMILIES) {
        const portless = given.has(port) ? this.#targets.spans(family, null) : [];
        const wanted = union(portless, this.#targets.spans(family, port));
        const unwanted = union(this.#exclusions.spans(family, null), this.#exclusions.spans(family, port));
        for (const { first, last } of subtract(wanted, unwanted)) yield { port, family, first, last };
      }
    }
  }

  /**
   * @param ports those of targets without one
   * @returns columns without a row where nothing was added
   * @throws UsageError where all is excluded, or too much is left
   */
  build(ports: readonly number[]): AddressColumns {
    this.#merge();
    const columns = new Columns(Math.min(this.#maxRanges, this.#mostRows(ports)));
    for (const row of this.rows(ports)) columns.append(row);
    if (columns.length === 0 && this.#targets.length > 0) throw allExcluded();
    return columns.finish();
  }

  #count(): void {
    this.#lines += 1;
    if (this.#lines <= this.#maxRanges * (1 + SLACK)) return;
    this.#merge();
    if (this.#lines > this.#maxRanges) throw tooScattered(this.#maxRanges);
  }

  #merge(): void {
    this.#targets.merge();
    this.#exclusions.merge();
    this.#lines = this.#targets.length + this.#exclusions.length;
  }

  /** Each exclusion adds a row at most: it may split one. */
  #mostRows(ports: readonly number[]): number {
    const each = this.#targets.lengthOf(null) + this.#exclusions.lengthOf(null);
    const portless = new Set(ports).size * each;
    const others = this.#targets
      .ports()
      .reduce((sum, port) => sum + this.#targets.lengthOf(port) + this.#exclusions.lengthOf(null), 0);
    return portless + others + this.#exclusions.length;
  }
}

export function allExcluded(): UsageError {
  return new UsageError("nothing is left to sweep: the exclusions cover every target");
}

function tooScattered(most: number): UsageError {
  return new UsageError(
    `the targets are more than ${most.toLocaleString("en")} separate ranges: name fewer of them or fewer ports at a time`,
  );
}

function tooMany(row: AddressRow | null): UsageError {
  const most = MAX_SIZE.toLocaleString("en");
  return new UsageError(
    row === null
      ? `the targets are more than ${most} addresses and ports: name fewer subnets or fewer ports`
      : `${ipText(6, row.first)}-${ipText(6, row.last)} has more than ${most} addresses: IPv6 subnets of that size can't be swept, name hosts instead (a list, the SRV records, an nmap scan)`,
  );
}

/** Lists of intervals by family and port; 0 stands for no port. */
class ListsByPort {
  readonly #lists = { 4: new Map<number, IntervalList>(), 6: new Map<number, IntervalList>() };

  list(family: Family, port: number | null): IntervalList {
    const known = this.#lists[family].get(port ?? 0);
    if (known !== undefined) return known;
    const list = new IntervalList(family);
    this.#lists[family].set(port ?? 0, list);
    return list;
  }

  spans(family: Family, port: number | null): Iterable<Span> {
    return this.#lists[family].get(port ?? 0)?.spans() ?? [];
  }

  lengthOf(port: number | null): number {
    return FAMILIES.reduce((sum, family) => sum + (this.#lists[family].get(port ?? 0)?.length ?? 0), 0);
  }

  get length(): number {
    return this.#all().reduce((sum, list) => sum + list.length, 0);
  }

  ports(): number[] {
    const keys = FAMILIES.flatMap((family) => [...this.#lists[family].keys()]);
    return [...new Set(keys)].filter((port) => port !== 0);
  }

  merge(): void {
    for (const list of this.#all()) list.merge();
  }

  #all(): IntervalList[] {
    return FAMILIES.flatMap((family) => [...this.#lists[family].values()]);
  }
}

/** The columns while they are filled. */
class Columns {
  readonly #room: number;
  readonly #columns: AddressColumns;
  length = 0;
  #size = 0;

  constructor(room: number) {
    this.#room = room;
    this.#columns = {
      ports: new Uint16Array(room),
      families: new Uint8Array(room),
      high: new BigUint64Array(room),
      low: new BigUint64Array(room),
      offsets: new Float64Array(room + 1),
    };
  }

  append(row: AddressRow): void {
    if (this.length === this.#room) throw tooScattered(this.#room);
    const size = Number(row.last - row.first) + 1;
    this.#size += size;
    if (this.#size > MAX_SIZE) throw tooMany(size > MAX_SIZE && row.family === 6 ? row : null);
    const { ports, families, high, low, offsets } = this.#columns;
    ports[this.length] = row.port;
    families[this.length] = row.family;
    high[this.length] = row.first >> 64n;
    low[this.length] = row.first;
    this.length += 1;
    offsets[this.length] = this.#size;
  }

  /** Posting a part of an array would post all of what is behind it: what is too large is copied. */
  finish(): AddressColumns {
    if (this.length === this.#room) return this.#columns;
    const { ports, families, high, low, offsets } = this.#columns;
    return {
      ports: ports.slice(0, this.length),
      families: families.slice(0, this.length),
      high: high.slice(0, this.length),
      low: low.slice(0, this.length),
      offsets: offsets.slice(0, this.length + 1),
    };
  }
}
