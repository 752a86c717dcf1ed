/** What DNS and this machine say of the targets of a watch. Nothing is probed here. */
import type { AddressEvidence, SrvAnswer } from "../../model/dns.ts";
import type { EndpointEvidence, Evidence } from "../../model/evidence.ts";
import { probeTargetAddresses } from "../../probe/address.ts";
import type { ProbeContext } from "../../probe/context.ts";
import { probeSrv } from "../../probe/srv.ts";
import { pause } from "../../transport/patience.ts";
import type { StopSignal } from "../../transport/stop.ts";
import type { CheckRequest } from "../check.ts";
import { contextOf } from "../context.ts";
import { MAX_ENDPOINTS, mergeListings } from "../listings.ts";
import { ofFamily } from "../family.ts";
import { withoutForbidden } from "../forbidden.ts";
import { createProber, withoutSuffix } from "../prober.ts";
import type { CheckSurroundings } from "../prober.ts";
import { createProgress, createSteps } from "../steps.ts";
import type { Steps } from "../steps.ts";

/**
 * @param onFound told of each target as soon as enough is known to begin with, and again when all is: one resolver
 *   that stays silent keeps nobody from being watched
 * @returns one for each source and target; never rejects because of the network
 */
export async function discover(
  request: CheckRequest,
  { signal, clock }: Pick<CheckSurroundings, "signal" | "clock">,
  onFound: (evidence: Evidence) => void,
): Promise<Evidence[]> {
  const steps = createSteps(
    request.concurrency,
    createProgress(() => {}),
    clock,
  );
  const looks = (request.sources.length > 0 ? request.sources : [null]).flatMap((source) => {
    const context = contextOf(request.settings, source, { signal, clock });
    const label = source?.label ?? null;
    const prober = createProber(request, source, steps, { signal, clock });
    const tell = (found: Found): Evidence => {
      const evidence = { ...found, source: label, udpTwin: [], configuration: null, ownClock: null };
      onFound(evidence);
      return evidence;
    };
    const domains = request.domains.map(async (each) => {
      const target = { kind: "domain", ...each } as const;
      return await discoverDomain(target, request, { context, steps, onFound: tell }).then(tell);
    });
    const { hosts } = request;
    const list = async (): Promise<Evidence[]> => {
      if (hosts === null) return [];
      const endpoints = await Promise.all(
        hosts.endpoints.map(async (endpoint): Promise<EndpointEvidence> => ({
          endpoint,
          listedBy: [],
          address: await prober.lookUp(endpoint.host),
          attempts: [],
        })),
      );
      const target = { kind: "list", source: hosts.source } as const;
      return [tell({ target, srv: [], recordsDropped: 0, endpoints })];
    };
    return [...domains.map(async (each) => [await each]), list()];
  });
  const found = (await Promise.all(looks)).flat();
  if (request.noSuffix === null) return found;
  const none = withoutSuffix(request.noSuffix);
  onFound(none);
  return [...found, none];
}

type Found = Pick<Evidence, "target" | "srv" | "recordsDropped" | "endpoints">;

/** How long the others have, once one resolver has listed hosts. */
const OTHERS_MS = 300;

async function discoverDomain(
  target: Extract<Evidence["target"], { kind: "domain" }>,
  { resolvers, mayConnect }: Pick<CheckRequest, "resolvers" | "mayConnect">,
  { context, steps, onFound }: { context: ProbeContext; steps: Steps; onFound: (found: Found) => void },
): Promise<Found> {
  const { domain } = target;
  const answers = resolvers.map((resolver) =>
    steps.ask(`asking ${resolver.address} for ${domain}`, () => probeSrv(domain, resolver, context)),
  );
  const all = Promise.all(answers);
  const known = new Map<string, Promise<AddressEvidence>>();
  const hostsOf = async (srv: SrvAnswer[]): Promise<Found> => {
    const listed = mergeListings(srv);
    const endpoints = listed
      .slice(0, MAX_ENDPOINTS)
      .map(async ({ endpoint, listedBy, glue }): Promise<EndpointEvidence> => {
        const askedAt = listedBy.map(({ resolver }) => resolver);
        const key = JSON.stringify([endpoint.host, askedAt, glue]);
        const asked =
          known.get(key) ??
          steps.ask(`asking for ${endpoint.host}`, () =>
            probeTargetAddresses(endpoint.host, askedAt, glue, context),
          );
        known.set(key, asked);
        const address = ofFamily(withoutForbidden(await asked, mayConnect), context.settings);
        return { endpoint, listedBy, address, attempts: [] };
      });
    const recordsDropped = Math.max(0, listed.length - MAX_ENDPOINTS);
    return { target, srv, recordsDropped, endpoints: await Promise.all(endpoints) };
  };
  const early = await Promise.race([all.then(() => null), firstLists(answers, context.signal)]);
  if (early !== null) onFound(await hostsOf(early));
  return await hostsOf(await all);
}

/** What is known a moment after the first resolver listed hosts, in the order of the resolvers; never where none does. */
async function firstLists(
  answers: readonly Promise<SrvAnswer>[],
  signal: StopSignal,
): Promise<SrvAnswer[] | null> {
  const known: (SrvAnswer | null)[] = answers.map(() => null);
  const lists = answers.map(async (asked, index) => {
    const said = await asked;
    known[index] = said;
    if (said.answer.outcome !== "ok" || said.answer.facts.records.length === 0) await new Promise(() => {});
  });
  await Promise.race(lists);
  await pause(OTHERS_MS, signal);
  return known.flatMap((said) => said ?? []);
}
