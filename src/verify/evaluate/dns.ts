/** What DNS lists, and whether the resolvers agree about it. */
import type { SocketAddress, SrvAnswer } from "../../model/dns.ts";
import type { Verdict } from "../../model/verdict.ts";
import { isOpen, wasAsked } from "../../verdict/checked.ts";
import { contentOf, judgeSrvAnswer } from "../../verdict/srv.ts";
import { hostPort } from "../../verdict/words.ts";
import { listedWords, patternWords } from "../names.ts";
import type { DemandOf } from "../laid-policy.ts";
import type { HostPattern } from "../values.ts";
import { answersAt } from "../sight.ts";
import type { At, Sight } from "../sight.ts";
import { plural } from "../../verdict/figures.ts";
import { plainDetail, statusOf, verdictDetail } from "./found.ts";
import type { Found, Judged } from "./found.ts";

/** Each resolver lists what must be listed, and nothing that may not be. */
export function evaluateListed(
  demand: DemandOf<"listed">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const judged = demand.domains.flatMap((domain) =>
    answersTo(domain, sight, resolvers).flatMap((answer) => judgeListing(domain, answer, demand)),
  );
  return {
    status: statusOf(judged),
    expected: `each resolver ${listedWords(demand)}`,
    observed: holdWords(judged, "each resolver lists just that"),
    details: judged,
  };
}

function judgeListing(
  domain: string,
  answer: At<SrvAnswer> | Judged,
  { must = [], may }: DemandOf<"listed">,
): Judged[] {
  if (!("value" in answer)) return [answer];
  const where = resolverWords(answer.value);
  const about = `${domain} at ${where}`;
  const refused = judgeSrvAnswer(answer.value, domain, answer.pointer);
  const denied = answer.value.answer.outcome === "denied" || answer.value.answer.outcome === "ok";
  if (refused !== null && (must.length > 0 || !denied)) {
    // Of a resolver that did not answer, only what must be listed is known to be missing.
    return [
      {
        ...verdictDetail(about, false, refused, null),
        open: isUnknown(refused, answer.value) || must.length === 0,
      },
    ];
  }
  const hosts = answer.value.answer.outcome === "ok" ? answer.value.answer.facts.records : [];
  const fits = (pattern: HostPattern, { target, port }: (typeof hosts)[number]): boolean =>
    pattern.host === target && (pattern.port === null || pattern.port === port);
  const missing = must
    .filter((pattern) => !hosts.some((record) => fits(pattern, record)))
    .map((pattern) =>
      plainDetail(about, false, `${where} does not list ${patternWords(pattern)}, which must be listed.`, {
        certainty: "certain",
        causes: [
          "the record was deleted or scavenged",
          "this resolver's copy of the zone is old, or another zone",
        ],
        next: [
          { where: "kms-host", text: "Have the host publish again", command: "Restart-Service sppsvc" },
          {
            where: "dns",
            text: "Or compare this resolver's zone with the others",
            command: `dig ${domain} SOA @${answer.value.resolver.address} -p ${answer.value.resolver.port}`,
          },
        ],
        pointer: answer.pointer,
      }),
    );
  const permitted = [...must, ...(may ?? [])];
  const strangers = hosts
    .filter((record) => may !== undefined && !permitted.some((pattern) => fits(pattern, record)))
    .map(({ target, port }) =>
      plainDetail(
        `${hostPort(target, port)} at ${where}`,
        false,
        `${where} lists ${hostPort(target, port)}, which may not be listed.`,
        {
          certainty: "certain",
          causes: [
            "a host key was installed on a machine that is no KMS host",
            "the record of a former host was left behind",
          ],
          next: [
            {
              where: "kms-host",
              text: "See whether it is a KMS host; take its host key off, if it is not meant to be one",
              command: "slmgr.vbs /dlv",
            },
            { where: "dns", text: "Remove the record, once the host no longer publishes it", command: null },
          ],
          pointer: answer.pointer,
        },
      ),
    );
  const wrong = [...missing, ...strangers];
  const fine = plainDetail(about, true, `${where} ${contentOf(answer.value)?.words ?? ""}.`, {
    pointer: answer.pointer,
  });
  return (wrong.length > 0 ? wrong : [fine]).map((detail) => ({ ...detail, open: false }));
}

/** Every resolver says the same of these domains. */
export function evaluateAgree(
  demand: DemandOf<"agree">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const judged = demand.domains.flatMap((domain): Judged[] => {
    const answers = answersTo(domain, sight, resolvers);
    const contents = new Set(
      answers.flatMap((answer) => ("value" in answer ? (contentOf(answer.value)?.key ?? []) : [])),
    );
    const said = answers.map((answer) => judgeAgreement(domain, answer, contents.size > 1));
    if (answers.length < 2) {
      const observed = `${domain} was asked at ${plural(answers.length, "resolver")}: to agree, there must be two.`;
      said.push({ ...plainDetail(domain, false, observed), open: true });
    }
    return [...said, ...(demand.addresses ? addressDetails(domain, sight) : [])];
  });
  return {
    status: statusOf(judged),
    expected: "every resolver answers, and all say the same",
    observed: holdWords(judged, "all say the same"),
    details: judged,
  };
}

function judgeAgreement(domain: string, answer: At<SrvAnswer> | Judged, differ: boolean): Judged {
  if (!("value" in answer)) return answer;
  const about = `${domain} at ${resolverWords(answer.value)}`;
  const content = contentOf(answer.value);
  if (content === null) {
    const refused = judgeSrvAnswer(answer.value, domain, answer.pointer);
    if (refused !== null)
      return { ...verdictDetail(about, false, refused, null), open: isUnknown(refused, answer.value) };
  }
  const detail = plainDetail(
    about,
    !differ,
    `${resolverWords(answer.value)} ${content?.words ?? "says nothing"}.`,
    {
      code: differ ? "srv-resolvers-disagree" : null,
      certainty: "certain",
      causes: differ ? DIFFER : [],
      next: differ
        ? [
            {
              where: "dns",
              text: "Compare the zone's serial at each server",
              command: `dig ${domain} SOA @${answer.value.resolver.address} -p ${answer.value.resolver.port}`,
            },
          ]
        : [],
      pointer: answer.pointer,
    },
  );
  return { ...detail, open: false };
}

const DIFFER = [
  "split DNS: one of them doesn't know the internal zone",
  "a zone transfer is late, or replication between domain controllers is broken",
  "a cache holds an older answer",
];

/** What was found about the hosts' addresses while they were looked up. */
function addressDetails(domain: string, sight: Sight): Judged[] {
  const diagnosis = sight.domain(domain);
  return (diagnosis?.value.findings ?? [])
    .filter(({ code }) => code === "address-resolvers-disagree" || code === "address-glue-differs")
    .map(({ code, observed, next, subject }) => ({
      ...plainDetail(domain, false, `${observed}.`, {
        code,
        certainty: "certain",
        next: [{ where: "dns", text: next, command: null }],
        pointer: `${diagnosis?.pointer ?? ""}${subject}`,
      }),
      open: false,
    }));
}

function answersTo(
  domain: string,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): (At<SrvAnswer> | Judged)[] {
  const diagnosis = sight.domain(domain);
  const answers = diagnosis === null ? [] : answersAt(diagnosis, resolvers);
  if (answers.length > 0) return answers;
  const why = diagnosis === null ? `${domain} was not looked at.` : "No resolver is known to this machine.";
  return [{ ...plainDetail(domain, false, why), open: true }];
}

function resolverWords({ resolver }: SrvAnswer): string {
  return hostPort(resolver.address, resolver.port);
}

function holdWords(judged: readonly Judged[], fine: string): string {
  const wrong = judged.filter(({ holds }) => !holds);
  const [first] = wrong;
  if (first === undefined) return fine;
  const more = wrong.length > 1 ? `; and ${wrong.length - 1} more` : "";
  return `${first.observed.replace(/\.$/, "")}${more}`;
}

function isUnknown(verdict: Verdict, answer: SrvAnswer): boolean {
  return isOpen(verdict) || !wasAsked(answer);
}
