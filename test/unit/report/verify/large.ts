/** The largest verification that a report must stay usable for: 200 hosts, two sources, 500 expectations. */
import type { Report } from "../../../../src/model/report.ts";
import type { Source } from "../../../../src/model/source.ts";
import type { Verification } from "../../../../src/verify/model.ts";
import {
  connected,
  domain,
  isRefused,
  isSilent,
  listed,
  lists,
  record,
  resolver,
  says,
  serving,
} from "../../verdict/builders.ts";
import { reportOf } from "../check/scenes.ts";
import { detail, result, verificationOf } from "./scenes.ts";

const HOSTS = 200;
const EXPECTATIONS = 500;
const SAMPLES = 100;

/** Skewed as round trips are, and the same in every run. */
function samples(host: number): number[] {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const wave = Math.abs(Math.sin(index * 12.9898 + host * 78.233)) ** 4;
    return Number((1 + (host % 17) * 0.8 + wave * (2 + (host % 5) * 3)).toFixed(3));
  });
}

const NUMBERS = Array.from({ length: HOSTS }, (_, index) => index + 1);

/** What one source sees. @param trouble every so many hosts do not serve */
function seenFrom(source: string, trouble: number): ReturnType<typeof domain> {
  const hosts = NUMBERS.map((number) => {
    if (number % trouble === 0) return listed(number, number % 2 === 0 ? isSilent : isRefused);
    const latency = { asked: SAMPLES, samplesMs: samples(number) };
    return listed(number, (over) => connected(serving({ latency }), over));
  });
  const records = hosts.map(({ endpoint: { host } }) => record(host, { weight: 10 }));
  const answers = [
    says(lists(records)),
    says(lists(records.slice(1)), { resolver: resolver(54) }),
    says(lists(records), { resolver: resolver(55) }),
  ];
  return { ...domain(answers, hosts), source };
}

let judged: Report | null = null;

/** Judged once, whatever is expected of it: that takes as long as all that is made of it. */
function largeReport(): Report {
  judged ??= { ...reportOf([seenFrom("eth0", 3), seenFrom("wg0", 2)]), sources: SOURCES };
  return judged;
}

/** @param failing which expectations fail, by number */
export function largeVerification(failing: (index: number) => boolean): Verification {
  const results = Array.from({ length: EXPECTATIONS }, (_, index) => {
    const failed = failing(index);
    return result({
      id: `serve-${index + 1}`,
      at: { line: index + 7, column: 5 },
      name: `all hosts that corp.example lists serve, number ${index + 1}`,
      source: index % 2 === 0 ? "eth0" : "wg0",
      status: failed ? "failed" : "met",
      observed: failed ? "134 of 200 hosts serve" : "200 of 200 hosts serve",
      details: failed ? NUMBERS.slice(0, 64).map((number) => aboutHost(number)) : [],
      detailsDropped: failed ? HOSTS - 64 : 0,
    });
  });
  return verificationOf(largeReport(), results);
}

function aboutHost(number: number): ReturnType<typeof detail> {
  const address = `10.1.0.${number}`;
  return detail({
    about: `kms${number}.corp.example:1688 at ${address}`,
    observed: `${address}:1688 did not answer in 4.0 s (2 tries).`,
    next: [
      {
        where: "firewall",
        text: "Ask for this rule on every firewall of the path and on the host, with the answers allowed back",
        command: `permit tcp from 10.9.0.1 to ${address} port 1688`,
      },
    ],
    pointer: `/report/diagnoses/0/endpoints/${number - 1}/attempts/0/tcp`,
  });
}

const SOURCES: Source[] = [
  { label: "eth0", ipv4: "10.9.0.1", ipv6: null, interface: "eth0", link: "ethernet" },
  { label: "wg0", ipv4: "10.8.0.2", ipv6: null, interface: "wg0", link: "tunnel" },
];
