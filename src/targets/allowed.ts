import ipaddr from "ipaddr.js";
import { ipFamily, withHexTail } from "../protocol/ip.ts";
import { LIST } from "./list.ts";
import { parseHost, show } from "./parse.ts";
import { nameOfFile, readBounded } from "./read-bounded.ts";
import { UsageError } from "./usage-error.ts";

/** One line of the file: who may be a KMS host. A `name` stands for its addresses, which somebody has to look up. */
export type AllowedEntry = {
  kind: "name" | "address" | "cidr";
  /** In lower case, an IDN in ASCII, without its port. */
  text: string;
  /** Null permits any port. */
  port: number | null;
};

const MAX_ENTRIES = 4096;

const FORM = "write one NAME, ADDRESS or CIDR a line, with :PORT behind it where only that port is meant";

/**
 * Reads which hosts are permitted, one a line; `#` begins a comment. A mistake is reported with its line.
 *
 * @param file a path, or `-` for standard input
 * @returns each entry once, in the order of the file
 */
export async function readAllowed(file: string, signal?: AbortSignal): Promise<AllowedEntry[]> {
  const name = nameOfFile(file);
  const entries = new Map<string, AllowedEntry>();
  const lines = (await readBounded(file, { ...LIST, wayOut: "permit subnets by their CIDR", signal })).split(
    /\r?\n/,
  );
  lines.forEach((line, index) => {
    const text = line.replace(/#.*/, "").trim();
    if (text === "") return;
    const entry = inLine(`${name}, line ${index + 1}`, () => parseAllowed(text));
    entries.set(`${entry.text} ${entry.port}`, entry);
    if (entries.size > MAX_ENTRIES)
      throw new UsageError(
        `${name} lists more than ${MAX_ENTRIES.toLocaleString("en")} entries: permit subnets by their CIDR`,
      );
  });
  if (entries.size === 0 && signal?.aborted !== true) throw new UsageError(`${name} permits nobody: ${FORM}`);
  return [...entries.values()];
}

/** `kms1.corp.example`, `10.0.0.1:1688`, `[fd00::1]:1688`, `10.0.0.0/24`, `[fd00::/64]:1688`. */
export function parseAllowed(text: string): AllowedEntry {
  if (/\s|,/.test(text)) throw new UsageError(`'${show(text)}' is more than one entry: ${FORM}`);
  if (text.includes("/")) return parseCidr(text);
  // A port can't be 0 where it is written: here it stands for none.
  const { host, port } = parseHost(text, 0);
  const kind = ipFamily(host) === 0 ? "name" : "address";
  return { kind, text: host, port: port === 0 ? null : port };
}

function parseCidr(text: string): AllowedEntry {
  const [, bracketed, open, portText] = /^(?:\[([^\]]*)\]|([^[\]]*?\/\d*))(?::(.*))?$/.exec(text) ?? [];
  const cidr = withHexTail((bracketed ?? open ?? "").toLowerCase());
  const [, address = "", prefixText = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const family = ipFamily(address);
  const prefix = Number(prefixText);
  if (family === 0 || prefixText === "" || prefix > (family === 4 ? 32 : 128)) {
    throw new UsageError(`'${show(text)}' is not a subnet: write one such as 10.20.0.0/16 or fd00::/64`);
  }
  const network = (family === 4 ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(cidr).toString();
  // Whoever writes 10.20.1.5/16 may have meant one host: a list of permissions must not guess.
  if (ipaddr.parse(address).toString() !== network) {
    throw new UsageError(
      `'${show(text)}' is no subnet's own address: write ${network}/${prefix}, or ${address} for the host alone`,
    );
  }
  const entry = { kind: "cidr", text: `${network}/${prefix}` } as const;
  if (portText === undefined) return { ...entry, port: null };
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535)
    throw new UsageError(`'${show(text)}' has no port from 1 to 65535 after its colon`);
  return { ...entry, port };
}

function inLine<Value>(place: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}
