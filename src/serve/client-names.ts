/** Whether a client's certificate has one of the names that are let in: exporter-toolkit's client_allowed_sans. */
import { BlockList } from "node:net";
import { ipFamily } from "../protocol/ip.ts";

const PREFIXES = ["DNS", "email", "URI", "IP Address"];

/**
 * @param written the alternative names as Node writes them: `DNS:a.test, IP Address:10.0.0.1`, in quotes where they would
 *   be mistaken for something else
 * @returns null where they can't be understood; then nobody is let in
 */
export function namesOf(written: string): string[] | null {
  const names: string[] = [];
  const one = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  while (one.lastIndex < written.length) {
    const [, prefix = "", text = ""] = one.exec(written) ?? [];
    if (prefix === "") return null;
    if (PREFIXES.includes(prefix)) names.push(text.startsWith('"') ? unquoted(text) : text);
  }
  return names;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return "";
  }
}

/** Exactly one of them; an address in whatever spelling. */
export function isAllowed(written: string | undefined, allowed: readonly string[]): boolean {
  const names = namesOf(written ?? "") ?? [];
  return names.some(
    (name) => name !== "" && allowed.some((each) => each === name || isSameAddress(each, name)),
  );
}

function isSameAddress(one: string, other: string): boolean {
  const family = ipFamily(one);
  if (family === 0 || family !== ipFamily(other)) return false;
  const list = new BlockList();
  list.addAddress(one, family === 6 ? "ipv6" : "ipv4");
  return list.check(other, family === 6 ? "ipv6" : "ipv4");
}
