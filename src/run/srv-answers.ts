/** What the resolvers say of the domains of a run: the question, and what is asked beside it where it found nothing. */
import type { SocketAddress, SrvAnswer } from "../model/dns.ts";
import { askControls, isWorthControls } from "../probe/controls.ts";
import type { ProbeContext } from "../probe/context.ts";
import { probeSrv, UDP_PREFIX } from "../probe/srv.ts";
import { believedIndex } from "../verdict/believed.ts";
import type { Steps } from "./steps.ts";

export type SrvAnswers = {
  /** The answer of each resolver, in their order. */
  ask: (domain: string) => Promise<readonly SrvAnswer[]>;
  /** The same under `_udp`, from those that list anything. */
  udpTwin: (srv: readonly SrvAnswer[], domain: string) => Promise<SrvAnswer[]>;
  /**
   * With the questions beside the question, once all domains that were asked for are answered: only where a client finds
   * no host in any of them, since a search list may have empty suffixes.
   */
  withControls: (srv: readonly SrvAnswer[], domain: string) => Promise<SrvAnswer[]>;
};

/** @param siblings suffixes of this machine beside the domains that were named */
export function createSrvAnswers(
  resolvers: readonly SocketAddress[],
  siblings: () => Promise<readonly string[]>,
  steps: Steps,
  context: ProbeContext,
): SrvAnswers {
  /** What all domains of the run were told, asked for at the same time. */
  const listings: Promise<readonly SrvAnswer[]>[] = [];
  return {
    ask(domain) {
      const asking = Promise.all(
        resolvers.map((resolver) =>
          steps.ask(`asking ${resolver.address} for ${domain}`, () => probeSrv(domain, resolver, context)),
        ),
      );
      listings.push(asking);
      return asking;
    },
    udpTwin: (srv, domain) =>
      Promise.all(
        srv.filter(hasRecords).map(({ resolver }) => {
          const ask = (): Promise<SrvAnswer> => probeSrv(domain, resolver, context, UDP_PREFIX);
          return steps.ask(`asking ${resolver.address} for ${domain}`, ask);
        }),
      ),
    async withControls(srv, domain) {
      if (!srv.some(isWorthControls)) return [...srv];
      const all = await Promise.all(listings);
      if (all.some((answers) => answers[believedIndex(answers) ?? -1]?.answer.outcome === "ok"))
        return [...srv];
      const beside = { domain, siblings: await siblings() };
      return await Promise.all(
        srv.map(async (said) => ({ ...said, controls: await askControls(said, beside, context) })),
      );
    },
  };
}

function hasRecords({ answer }: SrvAnswer): boolean {
  return answer.outcome === "ok" && answer.facts.records.length > 0;
}
