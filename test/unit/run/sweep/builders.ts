/** What a sweep hands about, in the plainest case. */
import { literalAddress } from "../../../../src/probe/address.ts";
import type { AttemptEvidence } from "../../../../src/model/evidence.ts";
import type { EndpointLine, MeasuredLine, Plan } from "../../../../src/sweep/model.ts";
import { openSpace } from "../../../../src/targets/address-set.ts";
import type { AddressSpace } from "../../../../src/targets/address-set.ts";
import type { AddressColumns } from "../../../../src/targets/address-columns.ts";
import { AddressBuilder } from "../../../../src/targets/address-builder.ts";
import { parseIp } from "../../../../src/targets/ip-value.ts";
import { judgeEndpoint } from "../../../../src/verdict/endpoint.ts";

export function columnsOf(...ranges: [first: string, last: string][]): AddressColumns {
  const builder = new AddressBuilder();
  for (const [first, last] of ranges) {
    const from = parseIp(first);
    const to = parseIp(last);
    if (from === null || to === null) throw new TypeError(`${first}-${last}`);
    builder.add(from.family, from.value, to.value, null);
  }
  return builder.build([1688]);
}

export function spaceOf(...ranges: [first: string, last: string][]): AddressSpace {
  return openSpace(columnsOf(...ranges));
}

export function planOf(over: Partial<Plan> = {}): Plan {
  return {
    digest: "d1",
    targets: ["10.1.0.0/24"],
    excluded: [],
    ports: [1688],
    addresses: 256,
    seed: 1,
    ...over,
  };
}

export function lineOf(evidence: AttemptEvidence): EndpointLine {
  const endpoint = { host: evidence.address, port: 1688 };
  const address = literalAddress(evidence.address);
  const judged = judgeEndpoint({ endpoint, listedBy: [], address, attempts: [evidence] }, "");
  return { type: "endpoint", names: [], ...judged };
}

export function measuredOf(address: string): MeasuredLine {
  return {
    type: "measured",
    endpoint: { host: address, port: 1688 },
    address,
    quiet: { tcpMs: [1], bindMs: [2], fragments: null, otherVersion: "not-asked" },
    fingerprint: { name: "none", text: "no known pattern", traits: [] },
  };
}
