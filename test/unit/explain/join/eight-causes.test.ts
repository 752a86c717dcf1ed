/** Each of the eight usual causes is confirmed where a text, a network or both carry it: by what, and by nothing less. */
import { describe, expect, it } from "vitest";
import { explained } from "../../../../src/explain/explain.ts";
import { causesOfBoth } from "../../../../src/explain/join/both.ts";
import type { Evidence } from "../../../../src/model/evidence.ts";
import { causeNames } from "../../../../src/model/causes.ts";
import type { Cause } from "../../../../src/model/causes.ts";
import { causesOf } from "../../../../src/verdict/causes.ts";
import { judge } from "../../../../src/verdict/judge.ts";
import {
  CLIENT_TIMEOUT_MS,
  connected,
  denies,
  domain,
  endpoint,
  isServing,
  isSilent,
  list,
  listed,
  rejected,
  rpc,
  says,
  unconnected,
  zone,
} from "../../verdict/builders.ts";

const UMBRELLA = "Error: 0xC004F074 No Key Management Service (KMS) could be contacted.\n";
const HOST = `Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMS_WS19 channel
License Status: Licensed
Key Management Service is enabled on this machine
    Current count: 2
    Listening on Port: 1688
    Total requests received: 40
`;
const tunnel = { address: "10.8.0.6", interface: "tun0", link: "tunnel", owner: null } as const;
const cable = { address: "10.1.0.9", interface: "eth0", link: "ethernet", owner: null } as const;

const SERVES = zone([listed(1, () => isServing({}))]);

/** By the text, by the network, or by both: the umbrella code beside what the network shows confirms nothing itself. */
const CASES: Readonly<Record<Cause["cause"], { text: string; network: readonly Evidence[] }>> = {
  connectivity: { text: UMBRELLA, network: [zone([listed(1, () => unconnected("ENETUNREACH", 3))])] },
  "kms-host": { text: UMBRELLA, network: [zone([listed(1, () => connected(rpc(rejected("2/1", "2/1"))))])] },
  "client-configuration": {
    text: "Name: Windows(R), Professional edition\nDescription: Windows(R) Operating System, RETAIL channel\nLicense Status: Notification\n",
    network: [SERVES],
  },
  "activation-threshold": { text: HOST, network: [SERVES] },
  clock: {
    text: "Tracking dc1.corp.example [10.0.0.53:123].\n10:00:00, +18000.1234567s\n",
    network: [SERVES],
  },
  dns: { text: UMBRELLA, network: [domain([says(denies("NXDOMAIN"))], [])] },
  "host-key": {
    text: "Error: 0xC004F042 The specified Key Management Service (KMS) cannot be used.\n",
    network: [SERVES],
  },
  vpn: {
    text: UMBRELLA,
    network: [list([endpoint([isSilent({ via: tunnel })])]), list([endpoint([isServing({ via: cable })])])],
  },
};

function joined(text: string, network: readonly Evidence[]): Cause[] {
  const { explanation, claims } = explained([{ name: "-", text, encoding: "utf-8" }], [], "0.0.0");
  const diagnoses = network.map((evidence) => judge(evidence, CLIENT_TIMEOUT_MS));
  return causesOfBoth(claims, explanation.codes, causesOf(diagnoses));
}

describe("the eight usual causes", () => {
  it.each(causeNames)("%s is confirmed by a text, a network, or both", (name) => {
    const { text, network } = CASES[name];
    const found = joined(text, network).find(({ cause }) => cause === name);
    expect(found).toMatchObject({ state: "confirmed" });
    expect(found?.pointer).toMatch(/^\/(?:report\/diagnoses|pieces)\//);
    expect(found?.step).not.toBeNull();
  });

  it("none of them is confirmed by the umbrella code and a network that is sound", () => {
    const states = joined(UMBRELLA, [SERVES]).map(({ state }) => state);
    expect(states).not.toContain("confirmed");
  });
});
