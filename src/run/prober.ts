/** What is asked and probed from one source, each thing once. */
import type { AddressEvidence, SocketAddress } from "../model/dns.ts";
import type { AttemptEvidence, Endpoint, EndpointEvidence, Evidence } from "../model/evidence.ts";
import type { Settings } from "../model/settings.ts";
import type { Source } from "../model/source.ts";
import { literalAddress, probeHostAddresses, probeTargetAddresses } from "../probe/address.ts";
import { askForNobody } from "../probe/nobody.ts";
import { probeOwnClock } from "../probe/clock.ts";
import { probeReach } from "../probe/probe.ts";
import { ipFamily } from "../protocol/ip.ts";
import { readHostsFile } from "../system/hosts-file.ts";
import type { HostsEntry } from "../system/hosts-file.ts";
import type { Clock } from "../transport/clock.ts";
import type { StopSignal } from "../transport/stop.ts";
import { createAddressProber } from "./addresses.ts";
import type { Care, ShareAttempt } from "./addresses.ts";
import { contextOf } from "./context.ts";
import type { FoundEndpoint } from "./early.ts";
import { ofFamily } from "./family.ts";
import { withoutForbidden } from "./forbidden.ts";
import { MAX_ENDPOINTS, mergeListings } from "./listings.ts";
import { createSrvAnswers } from "./srv-answers.ts";
import type { Progress, Steps } from "./steps.ts";

export type CheckSurroundings = {
  signal: StopSignal;
  clock: Clock;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Hosts before the report: see early.ts. */
  onEndpoint?: ((found: FoundEndpoint) => void) | undefined;
};

/** Called as each host is done, with its place among those of its target. */
export type OnHost = (evidence: EndpointEvidence, index: number) => void;

/** Where DNS is asked, and with how much patience anything is. */
export type ProberSettings = {
  resolvers: readonly SocketAddress[];
  /** Tried in turn after a host name without a dot. */
  suffixes: readonly string[];
  /** Suffixes of this machine beside the domains that were named; asked for where one of those has no record. */
  siblings?: () => Promise<readonly string[]>;
  settings: Settings;
  /** Of addresses that DNS gave; without it, all that can be a host's. */
  mayConnect?: (address: string) => boolean;
  /** For one who looks again and again; without it, every attempt is made. */
  shareAttempt?: ShareAttempt;
};

export type Prober = {
  domain: (target: { domain: string; source: string }, care?: Care, onHost?: OnHost) => Promise<Evidence>;
  list: (
    hosts: { endpoints: readonly Endpoint[]; source: string },
    careFor?: (endpoint: Endpoint) => Care,
    onHost?: OnHost,
  ) => Promise<Evidence>;
  /** One connect to each address of a host, and nothing sent on it; in steps of its own, since silence is long. */
  reach: (endpoint: Endpoint, steps: Steps) => Promise<Omit<EndpointEvidence, "listedBy">>;
  /** The addresses of a host, as this machine would find them. */
  lookUp: (host: string) => Promise<AddressEvidence>;
};

/**
 * @param source null leaves it to the system
 * @param steps through which each question and probe is made: its turns, and the progress
 */
export function createProber(
  { resolvers, suffixes, siblings, settings, mayConnect, shareAttempt }: ProberSettings,
  source: Source | null,
  steps: Steps,
  { signal, clock }: CheckSurroundings,
): Prober {
  const context = contextOf(settings, source, { signal, clock });
  const label = source?.label ?? null;
  const attempts = createAddressProber(label, shareAttempt, steps, context);
  const answers = createSrvAnswers(resolvers, siblings ?? (async () => []), steps, context);

  let hostsFile: Promise<readonly HostsEntry[]> | null = null;
  const lookUp = async (host: string): Promise<AddressEvidence> => {
    if (ipFamily(host) !== 0) return ofFamily(literalAddress(host), settings);
    hostsFile ??= readHostsFile();
    const hosts = await hostsFile;
    const found = await steps.ask(`asking for ${host}`, () =>
      probeHostAddresses(host, resolvers, { hosts, suffixes }, context),
    );
    return ofFamily(withoutForbidden(found, mayConnect), settings);
  };

  const ownClock = settings.clock
    ? steps.ask("asking the resolvers for the time", () => probeOwnClock(resolvers, context, context))
    : Promise.resolve(null);

  return {
    async domain({ domain, source: origin }, care, onHost = () => {}) {
      const srv = await answers.ask(domain);
      const controlled = answers.withControls(srv, domain);
      const udpTwin = answers.udpTwin(srv, domain);
      const listed = mergeListings(srv);
      const endpoints = await Promise.all(
        listed
          .slice(0, MAX_ENDPOINTS)
          .map(async ({ endpoint, listedBy, glue }, index): Promise<EndpointEvidence> => {
            const askedAt = listedBy.map(({ resolver }) => resolver);
            const found = await steps.ask(`asking for ${endpoint.host}`, () =>
              probeTargetAddresses(endpoint.host, askedAt, glue, context),
            );
            const address = ofFamily(withoutForbidden(found, mayConnect), settings);
            const tried = await attempts(address.addresses, endpoint.port, care);
            // Where all is well nobody is asked, nor where nothing was looked at.
            const nobody =
              tried.some(serves) || isLeftOut(address)
                ? null
                : await askForNobody(endpoint.host, address, context);
            const host = { endpoint, listedBy, address: { ...address, nobody }, attempts: tried };
            onHost(host, index);
            return host;
          }),
      );
      const recordsDropped = Math.max(0, listed.length - MAX_ENDPOINTS);
      return {
        target: { kind: "domain", domain, source: origin },
        source: label,
        srv: await controlled,
        udpTwin: await udpTwin,
        configuration: null,
        ownClock: await ownClock,
        recordsDropped,
        endpoints,
      };
    },

    async list({ endpoints, source: origin }, careFor = () => settings, onHost = () => {}) {
      const found = await Promise.all(
        endpoints.map(async (endpoint, index): Promise<EndpointEvidence> => {
          const address = await lookUp(endpoint.host);
          const tried = await attempts(address.addresses, endpoint.port, careFor(endpoint));
          const host = { endpoint, listedBy: [], address, attempts: tried };
          onHost(host, index);
          return host;
        }),
      );
      return {
        target: { kind: "list", source: origin },
        source: label,
        srv: [],
        udpTwin: [],
        configuration: null,
        ownClock: await ownClock,
        recordsDropped: 0,
        endpoints: found,
      };
    },

    async reach(endpoint, patient) {
      const address = await lookUp(endpoint.host);
      const tried = await Promise.all(
        address.addresses.map((each) =>
          patient.probe(`connecting to ${each}`, (onWait) =>
            probeReach(each, endpoint.port, { ...context, onWait }),
          ),
        ),
      );
      return { endpoint, address, attempts: tried };
    },

    lookUp,
  };
}

/** @param looked where a suffix was looked for */
export function withoutSuffix(looked: readonly string[]): Evidence {
  return {
    target: { kind: "no-suffix", looked: [...looked] },
    source: null,
    srv: [],
    udpTwin: [],
    configuration: null,
    ownClock: null,
    recordsDropped: 0,
    endpoints: [],
  };
}

function serves({ rpc }: AttemptEvidence): boolean {
  return rpc?.bind.answer.outcome === "ok" || rpc?.plain?.answer.outcome === "ok";
}

function isLeftOut({ addresses, leftOut = [] }: AddressEvidence): boolean {
  return addresses.length === 0 && leftOut.length > 0;
}
