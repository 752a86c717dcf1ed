/** Requests of looks that come again and again, made once where they depend on nothing but their own text. */
import { ipFamily } from "../../protocol/ip.ts";
import { parseNamedResolver } from "../../targets/parse.ts";
import type { StopSignal } from "../../transport/stop.ts";
import type { CheckRequest } from "../check.ts";
import { completeRequest } from "../request.ts";
import type { CheckOptions } from "../request.ts";

/** @returns for the same options, whichever of these hold, the same request */
export type Requests = (options: CheckOptions, signal: StopSignal) => CheckRequest | Promise<CheckRequest>;

/** The resolvers, suffixes and interfaces of this machine may change: a request that has any is made anew each time. */
export function createRequests(complete = completeRequest): Requests {
  const lasting = new WeakMap<CheckOptions, CheckRequest>();
  return (options, signal) => {
    const known = lasting.get(options);
    if (known !== undefined) return known;
    return complete(options, signal, "left").then((request) => {
      if (lasts(options, request)) lasting.set(options, request);
      return request;
    });
  };
}

function lasts(
  options: CheckOptions,
  { domains, noSuffix, hosts, resolvers, sources, configuration }: CheckRequest,
): boolean {
  if (options.files !== undefined || domains.length > 0 || noSuffix !== null || sources.length > 0)
    return false;
  const { resolvers: named = [] } = options;
  // Those of this machine were read where none is named.
  if (named.length === 0 && resolvers.length > 0) return false;
  if (!named.every((text) => ipFamily(parseNamedResolver(text).name) !== 0)) return false;
  const literal = hosts?.endpoints.every(({ host }) => ipFamily(host) !== 0 && !host.includes("%"));
  return configuration === null && literal === true;
}
