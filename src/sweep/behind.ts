/** What a comparison with DNS and with a list of hosts is made of, where there are middleboxes. */
import { addressOf, hostOrder } from "./hold.ts";
import type { Held } from "./hold.ts";
import { createBehind } from "./middlebox.ts";
import type { EndpointLine, Middlebox, PermittedEntry, PublishedDomain } from "./model.ts";
import { orderOf } from "./ranges.ts";

/**
 * The lines of all hosts, and of addresses behind a middlebox only those that DNS lists or somebody permits. One that
 * has no line of its own was looked at nevertheless: it gets the evidence of the middlebox's sample.
 */
export function comparedLines(
  held: readonly Held[],
  middleboxes: readonly Middlebox[],
  published: readonly PublishedDomain[] | null,
  permitted: readonly PermittedEntry[] | null,
): EndpointLine[] {
  const named = new Map(
    [
      ...(published ?? []).flatMap(({ hosts }) => hosts.flatMap(({ addresses }) => addresses)),
      ...(permitted ?? []).flatMap(({ text, addresses }) => [text, ...addresses]),
    ].map((address) => [orderOf(address), address]),
  );
  const isBehind = createBehind(middleboxes);
  const lines = held
    .filter((each) => !isBehind(each) || named.has(orderOf(each.address)))
    .map((each) => each.line());
  const known = new Set(lines.map((line) => hostOrder(addressOf(line), line.endpoint.port)));
  for (const middlebox of middleboxes) {
    const { sample, port } = middlebox;
    const isInside = createBehind([middlebox]);
    for (const address of named.values()) {
      if (!isInside({ address, port }) || known.has(hostOrder(address, port))) continue;
      const attempts = sample.attempts.slice(0, 1).map((attempt) => ({ ...attempt, address }));
      lines.push({ ...sample, type: "endpoint", names: [], endpoint: { host: address, port }, attempts });
    }
  }
  return lines;
}
