/** /etc/resolv.conf as the C library reads it (resolv.conf(5), glibc 2.36), and what of it is not understood. */
import type { UnreadLine } from "../model/configuration.ts";
import type { SocketAddress } from "../model/dns.ts";
import { ipFamily } from "../protocol/ip.ts";
import { isHostName } from "../protocol/name.ts";

export const RESOLV_CONF = "/etc/resolv.conf";

export type ResolvConf = {
  servers: SocketAddress[];
  search: { keyword: "search" | "domain"; names: string[] } | null;
  unread: UnreadLine[];
};

/** Keywords of Linux, the BSDs and macOS: what else begins a line is a slip. */
const OTHER_KEYWORDS = ["options", "sortlist", "lookup", "family", "port", "timeout", "search_order"];

/** Lines that are told of, and characters of each. */
const MAX_UNREAD = 8;
const MAX_SHOWN = 120;

const MARK = /^\uFEFF/;

/** @param hasInterface of this machine, for the zones of link-local servers */
export function readResolvConf(text: string, hasInterface: (name: string) => boolean): ResolvConf {
  const found: ResolvConf = { servers: [], search: null, unread: [] };
  let searchedAt: { line: number; text: string; names: string[] }[] = [];
  const marked = MARK.test(text);
  text
    .replace(MARK, "")
    .split("\n")
    .forEach((raw, index) => {
      const shown = raw.trim().slice(0, MAX_SHOWN);
      const tell = (about: UnreadLine["about"], why: string): void => {
        if (found.unread.length < MAX_UNREAD)
          found.unread.push({ file: RESOLV_CONF, line: index + 1, text: shown, about, why });
      };
      const [keyword = "", ...words] = shown === "" ? [] : raw.trim().split(/\s+/);
      if (keyword === "" || /^[#;]/.test(keyword)) return;
      if (index === 0 && marked)
        tell("both", "a byte order mark stands before it: to the C library the line has no keyword");
      switch (keyword) {
        case "nameserver":
          found.servers.push(...serversOf(words, { tell, hasInterface }));
          break;
        case "search":
        case "domain": {
          const names = suffixesOf(keyword === "domain" ? words.slice(0, 1) : words, tell);
          searchedAt.push({ line: index + 1, text: shown, names });
          found.search = { keyword, names };
          break;
        }
        default:
          if (OTHER_KEYWORDS.includes(keyword)) break;
          tell("both", wrongKeyword(keyword));
      }
    });
  const last = searchedAt.at(-1);
  searchedAt = searchedAt.filter(({ names }) => names.some((name) => last?.names.includes(name) !== true));
  for (const { line, text: shown } of searchedAt) {
    if (found.unread.length >= MAX_UNREAD) break;
    const why = `line ${last?.line} takes its place: of search and domain lines the last counts`;
    found.unread.push({ file: RESOLV_CONF, line, text: shown, about: "suffix", why });
  }
  return found;
}

function wrongKeyword(keyword: string): string {
  const lower = keyword.toLowerCase();
  if (["nameserver", "search", "domain"].includes(lower))
    return `keywords are written in lower case: ${lower}`;
  return `${keyword.slice(0, 40)} is no keyword of this file`;
}

type Telling = {
  tell: (about: UnreadLine["about"], why: string) => void;
  hasInterface: (name: string) => boolean;
};

/** What a line names, also where only some programs read it so; each other reading is told. */
function serversOf(words: readonly string[], { tell, hasInterface }: Telling): SocketAddress[] {
  const end = words.findIndex((word) => /^[#;]/.test(word));
  const given = (end === -1 ? words : words.slice(0, end)).map((word) => word.replace(/[#;].*$/, ""));
  const all = given.flatMap((word) => word.split(",")).filter((word) => word !== "");
  if (all.length === 0) {
    tell("resolver", "it names no address");
    return [];
  }
  if (all.length > 1) tell("resolver", "the C library takes one address of a line: write a line for each");
  return all.flatMap((word) => {
    const read = serverOf(word);
    if (read === null) {
      tell("resolver", `${word.slice(0, 80)} is no IP address: a name server is given by its address`);
      return [];
    }
    const { server, as } = read;
    if (as === "with-port")
      tell(
        "resolver",
        "the C library reads no port and no brackets here: its programs don't ask this server",
      );
    const zone = server.address.split("%")[1];
    if (zone !== undefined && !hasInterface(zone)) {
      tell("resolver", `${zone} is no interface of this machine`);
      return [];
    }
    if (/^fe[89ab]/i.test(server.address) && zone === undefined) {
      tell("resolver", "a link-local address needs its interface: fe80::1%eth0");
      return [];
    }
    if (as === "short")
      tell("resolver", `the C library reads ${server.address}, other programs otherwise: write it in full`);
    return [server];
  });
}

type Read = { server: SocketAddress; as: "plain" | "with-port" | "short" };

/** An address, one with a port as Node and c-ares read it, or IPv4 in less than four numbers as inet_aton(3) reads it. */
function serverOf(word: string): Read | null {
  if (ipFamily(word) !== 0) return { server: { address: word, port: 53 }, as: "plain" };
  const [, address = "", port = ""] = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(word) ?? [];
  const number = Number(port || 53);
  if (ipFamily(address) !== 0 && number > 0 && number <= 65_535)
    return { server: { address, port: number }, as: "with-port" };
  const short = shortAddress(word);
  return short === null ? null : { server: { address: short, port: 53 }, as: "short" };
}

/** 127.1 is 127.0.0.1, and 10.1.2 is 10.1.0.2: the last number fills what is left. */
function shortAddress(word: string): string | null {
  if (!/^\d{1,3}(\.\d{1,8}){1,2}$/.test(word)) return null;
  const numbers = word.split(".").map(Number);
  const rest = numbers.at(-1) ?? 0;
  const bytes = 5 - numbers.length;
  if (numbers.slice(0, -1).some((each) => each > 255) || rest >= 256 ** bytes) return null;
  const tail = Array.from(
    { length: bytes },
    (_, index) => Math.floor(rest / 256 ** (bytes - 1 - index)) % 256,
  );
  return [...numbers.slice(0, -1), ...tail].join(".");
}

/** Suffixes of a line up to a comment; what can be none is told, with its remedy where that is known. */
function suffixesOf(words: readonly string[], tell: Telling["tell"]): string[] {
  const end = words.findIndex((word) => /^[#;]/.test(word));
  return (end === -1 ? words : words.slice(0, end)).flatMap((word) => {
    const plain = word.replace(/\.$/, "");
    if (plain === "" || isHostName(plain)) return [word];
    const several = /[;,]/.test(word) ? ": separate suffixes by blanks" : "";
    tell("suffix", `'${word.slice(0, 80)}' is no domain${several}`);
    return [];
  });
}
