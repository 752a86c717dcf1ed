/** What stands behind each verdict, for `--verbose`: the figures of the JSON report, in lines. */
import type { Attempt, Diagnosis } from "../../model/diagnosis.ts";
import type { AddressLookup, SrvAnswer, SrvControl } from "../../model/dns.ts";
import type { BindTry, ContextResult } from "../../model/rpc.ts";
import type { Via } from "../../model/source.ts";
import { hostPort } from "../../verdict/words.ts";
import { printable } from "../escape.ts";
import type { Style } from "../style.ts";
import { plural } from "../../verdict/figures.ts";

export function renderEvidence(
  { srv, endpoints, source }: Pick<Diagnosis, "srv" | "endpoints" | "source">,
  style: Style,
): string {
  const from = source === null ? "" : ` from ${printable(source)}`;
  const lines = [style.bold(`Evidence${from}`), ...srv.flatMap(srvLines)];
  for (const { endpoint, address, attempts, listedBy } of endpoints) {
    lines.push(`  ${printable(hostPort(endpoint.host, endpoint.port))}`);
    for (const { resolver, priority, weight, ttlSeconds } of listedBy) {
      const by = hostPort(resolver.address, resolver.port);
      lines.push(`    listed by ${by}: priority ${priority}, weight ${weight}, TTL ${ttlSeconds} s`);
    }
    lines.push(...address.lookups.map(lookupLine), ...attempts.flatMap(attemptLines));
  }
  return lines.map(style.dim).join("\n");
}

function srvLines({ resolver, name, exchange, answer, controls }: SrvAnswer): string[] {
  const flags = [exchange.truncated ? "truncated over UDP" : "", exchange.edns ? "" : "without EDNS"].filter(
    (flag) => flag !== "",
  );
  const how = [`${exchange.transport}, ${plural(exchange.tries, "try", "tries")}`, ...flags].join(", ");
  const lines = [
    `  ${hostPort(resolver.address, resolver.port)}  ${printable(name)}: ${answer.outcome} (${how})`,
  ];
  lines.push(...controls.map(controlLine));
  if (answer.outcome !== "ok") return lines;
  for (const { priority, weight, port, target, ttlSeconds } of answer.facts.records) {
    lines.push(`    ${ttlSeconds} IN SRV ${priority} ${weight} ${port} ${printable(target)}`);
  }
  return lines;
}

/** A question beside the question: what it was, and what came. */
function controlLine({ purpose, name, type, rcode, soa, found }: SrvControl): string {
  const said = found.length > 0 ? found.map(printable).join(", ") : rcode === "NOERROR" ? "NODATA" : rcode;
  const by = soa === null ? "" : ` by ${printable(soa)}`;
  return `    beside it (${purpose}): ${type} ${printable(name)}: ${said ?? "no answer in time"}${by}`;
}

function lookupLine({ family, name, asked, answer }: AddressLookup): string {
  const by = asked.by === "resolver" ? hostPort(asked.resolver.address, asked.resolver.port) : asked.path;
  const type = family === 4 ? "A" : "AAAA";
  const said =
    answer.outcome === "ok"
      ? [...answer.facts.aliases.map((alias) => `CNAME ${printable(alias)}`), ...answer.facts.addresses].join(
          ", ",
        )
      : answer.outcome === "denied"
        ? answer.denial.nodata
          ? "NODATA"
          : answer.denial.rcode
        : answer.outcome === "no-answer"
          ? answer.cause
          : answer.outcome;
  return `    ${type} ${printable(name)} at ${by}: ${said}`;
}

function attemptLines({ address, tcp, rpc, via, routeErrno, verdict }: Attempt): string[] {
  const way = via ? `from ${via.address} (${outWords(via)})` : `no way there: ${routeErrno ?? "unknown"}`;
  const lines = [`    ${address} ${way}: ${verdict.code}, ${verdict.certainty}`];
  lines.push(`      tcp: ${tcpWords(tcp)}`);
  if (verdict.clientError !== null)
    lines.push(`      a Windows client would log ${verdict.clientError} (inferred)`);
  if (rpc === null) return lines;
  for (const bind of [rpc.bind, rpc.plain]) if (bind !== null) lines.push(`      ${bindWords(bind)}`);
  if (rpc.control.answer !== "not-asked")
    lines.push(`      control (${rpc.control.by}): ${rpc.control.answer}`);
  const { asked, samplesMs } = rpc.latency;
  if (asked > 0) {
    lines.push(
      `      latency: ${samplesMs.map((ms) => ms.toFixed(2)).join(", ") || "none"} ms (${samplesMs.length} of ${plural(asked, "sample")})`,
    );
  }
  return lines;
}

function tcpWords(tcp: Attempt["tcp"]): string {
  switch (tcp.outcome) {
    case "ok":
      return `connected in ${tcp.elapsedMs.toFixed(2)} ms, try ${tcp.facts.tries}`;
    case "no-answer":
      return `${tcp.cause} after ${tcp.elapsedMs.toFixed(2)} ms, try ${tcp.tries}`;
    case "not-sent":
      return `not sent: ${tcp.errno}`;
    case "skipped":
      return `not finished: ${tcp.reason}`;
    default:
      return tcp satisfies never;
  }
}

function bindWords({ shape, received, answer }: BindTry): string {
  const bytes =
    received === "" ? "" : `; received ${received.slice(0, 64)}${received.length > 64 ? "…" : ""}`;
  return `bind (${shape}): ${answerWords(answer)}${bytes}`;
}

function answerWords(answer: BindTry["answer"]): string {
  switch (answer.outcome) {
    case "ok": {
      const { secondaryAddress, maxXmitFrag, assocGroupId } = answer.facts;
      return `accepted in ${answer.elapsedMs.toFixed(2)} ms: ${contexts(answer.facts.contexts)}; says port ${secondaryAddress || "nothing"}, fragments ${maxXmitFrag}, group ${assocGroupId}`;
    }
    case "denied": {
      const { denial } = answer;
      if (denial.kind === "contexts") return `rejected: ${contexts(denial.ack.contexts)}`;
      if (denial.kind === "bind-nak") return `bind_nak, reason ${denial.reason}`;
      return `fault, status ${denial.status === null ? "missing" : `0x${denial.status.toString(16)}`}`;
    }
    case "malformed":
      return `not an answer (looks like ${answer.looksLike}): ${answer.fault.what}`;
    case "no-answer": {
      const { kernel } = answer;
      const view =
        kernel === null
          ? ""
          : `; our socket: ${kernel.state}, ${plural(kernel.unacknowledgedBytes, "byte")} unacknowledged, ${plural(kernel.retransmissions, "retransmission")}`;
      return `${answer.cause} after ${answer.elapsedMs.toFixed(2)} ms${view}`;
    }
    case "not-sent":
      return `not sent: ${answer.errno}`;
    case "skipped":
      return `not finished: ${answer.reason}`;
    default:
      return answer satisfies never;
  }
}

function contexts(list: readonly ContextResult[]): string {
  return list.map(({ offered, result, reason }) => `${offered} ${result}/${reason}`).join(", ");
}

/** The interface that packets leave by, and whose the address is where that is another's. */
function outWords({ interface: name, owner }: Via): string {
  const leaves = name ?? "unknown interface";
  return owner === null ? leaves : `${leaves}; the address is ${owner}'s`;
}
