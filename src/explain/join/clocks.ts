/** A client's clock by its own words, against the hosts' clocks by this machine's. */
import { step } from "../found.ts";
import { isSameHost } from "./network.ts";
import { contradiction } from "./rule.ts";
import type { Rule } from "./rule.ts";

const HOUR_MS = 3_600_000;
const ALLOWED_MS = 4 * HOUR_MS;

/** A clock that the text shows, or 0xC004F06C, against the clocks that were measured. */
export const clocksDiffer: Rule = (pieces, { clocks }) =>
  pieces.flatMap((piece) => {
    const { offsetSeconds, clockHost, errorCodes = [] } = piece.facts;
    const refused = errorCodes.includes("0xC004F06C");
    const offMs = offsetSeconds === undefined ? null : Math.abs(offsetSeconds * 1_000);
    const own = clocks.filter(({ host }) => clockHost === undefined || isSameHost(host, clockHost));
    const [first] = own;
    if (first === undefined) return [];
    const right = own.every(({ offsetMs }) => Math.abs(offsetMs) < HOUR_MS);
    const far = own.find(({ offsetMs }) => Math.abs(offsetMs) > ALLOWED_MS);
    const fact = refused ? "errorCodes" : "offsetSeconds";
    if (right && (refused || (offMs !== null && offMs > ALLOWED_MS)))
      return [
        contradiction(
          "clock-off-there-right-here",
          `By the text client and host are more than four hours apart; here the clock of ${first.host} is right by this machine's: the client's is the one that is wrong, unless the host was set since.`,
          { piece, fact, network: first.pointer },
          { next: step("client", "Set the client's clock by the domain", "w32tm /resync /rediscover") },
        ),
      ];
    if (far !== undefined && offMs !== null && offMs < HOUR_MS)
      return [
        contradiction(
          "clock-right-there-off-here",
          `By the text client and host agree on the time; here the clock of ${far.host} is more than four hours off: this machine's is the one that is wrong, or client and host are wrong alike.`,
          { piece, fact, network: far.pointer },
          { next: step("here", "Compare this machine's clock with another source", null) },
        ),
      ];
    return [];
  });
