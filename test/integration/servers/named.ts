import { writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { freePort } from "./free-port.ts";
import { makeServerDir, type Place, type RunningServer, startProcess } from "./process.ts";
import { withSoa, type Zones } from "./zone-text.ts";

/** A split horizon: what the clients with these source addresses see. */
export type View = { name: string; clients: readonly string[]; zones: Zones };

export type NamedOptions = {
  zones?: Zones;
  /** Asked in this order; a client in none of them sees `zones`. */
  views?: readonly View[];
  /** 127.0.0.1 (the default), ::1 or both; BIND listens on no other address unless an interface has it. */
  address?: string | readonly string[];
  /** Statements for the options block, e.g. "allow-query { none; };". One named here replaces the default. */
  options?: string;
  /** One that was free a moment ago: for a server that comes later than whoever asks it. */
  port?: number;
  /** The address is then one of that namespace. */
  place?: Place;
};

/** No control port; and should a test turn recursion on, nobody outside loopback is ever asked. */
const STAY_HOME = `controls { };
server 0.0.0.0/0 { bogus yes; };
server ::/0 { bogus yes; };
server 127.0.0.0/8 { bogus no; };
server ::1 { bogus no; };
`;

/**
 * Starts BIND 9 on loopback: authoritative, recursion off, on one port that is never 53.
 *
 * A zone text with a mistake in it does not stop BIND; it answers SERVFAIL for that zone.
 */
export async function startNamed(
  settings: NamedOptions,
): Promise<RunningServer & { addresses: readonly string[] }> {
  const { zones = {}, views = [], options = "", place } = settings;
  const addresses = [settings.address ?? "127.0.0.1"].flat();
  if (place === undefined) refuseUnknownAddresses(addresses);
  const port = place?.port ?? settings.port ?? (await freePort(...addresses));
  const dir = await makeServerDir("named");

  const blocks =
    views.length === 0
      ? [await zoneStatements(dir, "zone", zones)]
      : await Promise.all(
          [...views, { name: "everyone-else", clients: ["any"], zones }].map(
            async (view) =>
              `view "${view.name}" {\n  match-clients { ${list(view.clients)} };\n` +
              `${await zoneStatements(dir, view.name, view.zones)}};\n`,
          ),
        );
  const conf = join(dir, "named.conf");
  await writeFile(conf, [optionsBlock(dir, addresses, port, options), STAY_HOME, ...blocks].join("\n"));

  const { output, stop } = await startProcess({
    command: programPath("named"),
    args: ["-g", "-n", "1", "-c", conf],
    dir,
    namespace: place?.namespace,
    ready: (said) => / running$/m.test(said),
  });
  return { address: addresses[0] ?? "", addresses, port, output, stop };
}

/** BIND would start all the same, log "not listening on any interfaces" and answer nobody. */
function refuseUnknownAddresses(addresses: readonly string[]): void {
  const own = Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map(({ address }) => address),
  );
  const strangers = addresses.filter((address) => !own.includes(address));
  if (strangers.length > 0)
    throw new Error(`named cannot listen on ${strangers.join(", ")}: no interface has it`);
}

function optionsBlock(dir: string, addresses: readonly string[], port: number, extra: string): string {
  const v4 = addresses.filter((address) => !address.includes(":"));
  const v6 = addresses.filter((address) => address.includes(":"));
  const defaults: Record<string, string> = {
    directory: `"${dir}"`,
    "listen-on": `port ${port} { ${v4.length === 0 ? "none;" : list(v4)} }`,
    "listen-on-v6": `port ${port} { ${v6.length === 0 ? "none;" : list(v6)} }`,
    // BIND refuses a second instance that finds the lock file of the first.
    "lock-file": "none",
    "pid-file": "none",
    "session-keyfile": "none",
    recursion: "no",
    "dnssec-validation": "no",
    "empty-zones-enable": "no",
    notify: "no",
    "max-cache-size": "8m",
    // Zones that are wrong on purpose (a target without an address, a host name with "_") are to be served.
    "check-names": "primary ignore",
    "check-integrity": "no",
  };
  const given = new Set(extra.match(/(?<=^|[;}\s])[a-z][a-z0-9-]*(?=[\s{])/g) ?? []);
  const kept = Object.entries(defaults).filter(([name]) => !given.has(name));
  return `options {\n${kept.map(([name, value]) => `  ${name} ${value};\n`).join("")}  ${extra}\n};\n`;
}

async function zoneStatements(dir: string, prefix: string, zones: Zones): Promise<string> {
  const statements = Object.entries(zones).map(async ([name, text], index) => {
    const file = `${prefix}-${index}.db`;
    await writeFile(join(dir, file), withSoa(text));
    return `  zone "${name}" { type primary; file "${file}"; };\n`;
  });
  return (await Promise.all(statements)).join("");
}

function list(items: readonly string[]): string {
  return items.map((item) => `${item};`).join(" ");
}
