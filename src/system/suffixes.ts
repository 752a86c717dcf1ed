/**
 * The DNS suffixes this machine has, and where each comes from: what a client here would look for KMS hosts under.
 */
import fs from "node:fs/promises";
import os from "node:os";
import { promisify } from "node:util";
import type { UnreadLine } from "../model/configuration.ts";
import { readHostsFile } from "./hosts-file.ts";
import type { HostsEntry } from "./hosts-file.ts";
import { readResolvConf, RESOLV_CONF } from "./resolv-conf.ts";

export type Suffix = { domain: string; source: string };

/** `looked`: the places that were asked, for the message where none had a suffix. */
export type Suffixes = { suffixes: Suffix[]; looked: string[]; unread: UnreadLine[] };

const COMMAND_TIMEOUT_MS = 5_000;

/**
 * DNS suffixes of this machine in the order in which its clients try them, and where they were looked for. Never
 * rejects: what can't be read gives none.
 */
export async function systemSuffixes(): Promise<Suffixes> {
  switch (process.platform) {
    case "win32":
      return await windowsSuffixes();
    case "darwin": {
      const text = await outputOf("scutil", ["--dns"]);
      return unique(
        [...parseScutil(text), ...hostDomain(os.hostname(), [])],
        ["scutil --dns", "the host name"],
      );
    }
    default: {
      const text = await fs.readFile(RESOLV_CONF, "utf8").catch(() => "");
      const own = hostDomain(os.hostname(), await readHostsFile());
      const unread = readResolvConf(text, () => true).unread.filter(({ about }) => about !== "resolver");
      const looked = [RESOLV_CONF, "the host name", "/etc/hosts"];
      return { ...unique([...parseResolvConf(text), ...own], looked), unread };
    }
  }
}

/** `search` and `domain` exclude each other; the last one counts (resolv.conf(5)). */
export function parseResolvConf(text: string): Suffix[] {
  const { search } = readResolvConf(text, () => true);
  return (search?.names ?? []).map((domain) => ({ domain, source: `${RESOLV_CONF} (${search?.keyword})` }));
}

/** The host's own domain: from its name, or from the first name of its line in the hosts file, as `hostname -d` does. */
export function hostDomain(hostname: string, hosts: readonly HostsEntry[]): Suffix[] {
  const short = hostname.toLowerCase();
  const canonical = hosts.find((entry) => entry.names.includes(short))?.names[0] ?? "";
  for (const [name, source] of [
    [short, "the host name"],
    [canonical, "/etc/hosts"],
  ] as const) {
    const dot = name.indexOf(".");
    // "localhost.localdomain" and the like name no zone anybody publishes in.
    if (dot > 0 && dot < name.length - 1 && !/(^|\.)local(host|domain)$/.test(name))
      return [{ domain: name.slice(dot + 1), source }];
  }
  return [];
}

/** The lines "search domain[0] : corp.example" of every resolver that scutil lists. */
export function parseScutil(text: string): Suffix[] {
  const matches = text.matchAll(/^[ \t]*search domain\[\d+\][ \t]*:[ \t]*(\S+)[ \t]*$/gm);
  return Array.from(matches, ([, domain]) => ({ domain: domain ?? "", source: "scutil --dns" }));
}

const TCPIP = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
const POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\DNSClient";

/** The registry holds the same values in every language of Windows, which `ipconfig` does not print. */
async function windowsSuffixes(): Promise<Suffixes> {
  const [policy, machine, interfaces] = await Promise.all([
    outputOf("reg", ["query", POLICY]),
    outputOf("reg", ["query", TCPIP]),
    outputOf("reg", ["query", `${TCPIP}\\Interfaces`, "/s"]),
  ]);
  const found = [
    ...parseRegistry(policy, ["SearchList", "NV PrimaryDnsSuffix"], "the DNS client policy"),
    ...parseRegistry(machine, ["SearchList", "Domain", "NV Domain", "DhcpDomain"], "the TCP/IP parameters"),
    ...parseRegistry(
      presentInterfaces(interfaces, ownAddresses()),
      ["Domain", "DhcpDomain"],
      "an interface's parameters",
    ),
  ];
  const joined = process.env["USERDNSDOMAIN"];
  if (joined !== undefined) found.push({ domain: joined, source: "USERDNSDOMAIN" });
  return unique(found, [POLICY, TCPIP, "USERDNSDOMAIN"]);
}

/**
 * Values of `reg query` output, in the order of `names`; a search list is split at commas, a list of strings at the `\0`
 * that `reg` prints between them. The registry knows names in any case, and prints the one they were stored in.
 */
export function parseRegistry(text: string, names: readonly string[], source: string): Suffix[] {
  const values = valuesOf(text);
  return names.flatMap((wanted) =>
    values
      .filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
      .flatMap(({ value }) => value.split(/(?:[,\s]|\\0)+/))
      .filter((domain) => domain !== "")
      .map((domain) => ({ domain, source: `${source} (${wanted})` })),
  );
}

/**
 * Of `reg query … /s`, the interfaces that have one of these addresses now: the registry keeps what every network of the
 * past has left, and its suffix is nothing to ask today's resolver for.
 */
export function presentInterfaces(text: string, addresses: ReadonlySet<string>): string {
  const keys = text.split(/^(?=HKEY_)/m);
  return keys
    .filter((key) =>
      valuesOf(key).some(
        ({ name, value }) =>
          /^(?:dhcp)?ipaddress$/i.test(name) &&
          value.split(/(?:[,\s]|\\0)+/).some((each) => addresses.has(each)),
      ),
    )
    .join("");
}

/** Line by line, lest an empty value take the next line for its own. */
function valuesOf(text: string): { name: string; value: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, name = "", value = ""] =
      /^ {4}(.+?) {4}REG_(?:EXPAND_|MULTI_)?SZ(.*)$/.exec(line.trimEnd()) ?? [];
    return name === "" ? [] : [{ name: name.trim(), value: value.trim() }];
  });
}

function ownAddresses(): ReadonlySet<string> {
  try {
    const own = Object.values(os.networkInterfaces()).flatMap((each) => each ?? []);
    return new Set(own.map(({ address }) => address));
  } catch {
    // no descriptors left to ask with
    return new Set();
  }
}

function unique(found: readonly Suffix[], looked: string[]): Suffixes {
  const suffixes: Suffix[] = [];
  for (const { domain, source } of found) {
    const plain = domain.replace(/\.$/, "").toLowerCase();
    if (plain !== "" && !suffixes.some((known) => known.domain === plain))
      suffixes.push({ domain: plain, source });
  }
  return { suffixes, looked, unread: [] };
}

/** What a program of the system prints; nothing where it is missing, fails or takes too long. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  try {
    // Only these systems need it, and it takes its time to load.
    const { execFile } = await import("node:child_process");
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: 4 << 20,
    });
    return stdout;
  } catch {
    return "";
  }
}
