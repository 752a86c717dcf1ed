/** What is worth saying of one address that was probed: what answered, and what lies on the way. */
import type { Attempt } from "../../model/diagnosis.ts";
import type { Finding } from "../../model/finding.ts";
import { readLadder } from "../ladder.ts";
import { readTrace } from "../trace.ts";
import { hostPort } from "../words.ts";
import { finding } from "./catalog.ts";

/** @param at the pointer to this attempt */
export function attemptFindings(attempt: Attempt, port: number, at: string): Finding[] {
  return [...rpcFindings(attempt, port, `${at}/rpc`), ...pathFindings(attempt, port, at)];
}

function pathFindings(
  { address, controlPort, takenHere, here, ladder, trace }: Attempt,
  port: number,
  at: string,
): Finding[] {
  const found: Finding[] = [];
  if (controlPort?.answer === "connected") {
    const observed = `${address} accepts connections on port ${controlPort.port} as well, where nobody listens`;
    found.push(finding("tcp-answers-every-port", `${at}/controlPort`, observed));
  }
  if (takenHere !== null) {
    const observed = `${address}: the connection was taken by this machine itself, at its port ${takenHere}`;
    found.push(finding("tcp-taken-here", `${at}/takenHere`, observed));
  }
  if (here?.userModeGateway === true) {
    const observed = `${address} is the gateway that this container's network makes up: it stands for the loopback of the machine outside`;
    found.push(finding("tcp-user-mode-gateway", `${at}/here`, observed));
  }
  const pattern = ladder === null ? null : readLadder(ladder);
  if (pattern !== null) {
    found.push(finding(pattern.code, `${at}/ladder`, `${hostPort(address, port)}: ${pattern.observed}`));
  }
  if (trace !== null) {
    const path = readTrace(trace);
    found.push(finding(path.code, `${at}/trace`, `${hostPort(address, port)}: ${path.observed}`));
  }
  return found;
}

function rpcFindings({ rpc, address }: Attempt, port: number, at: string): Finding[] {
  if (rpc === null) return [];
  const where = hostPort(address, port);
  const accepted = [rpc.bind, rpc.plain].find((bind) => bind?.answer.outcome === "ok")?.answer;
  if (accepted?.outcome !== "ok") return [];
  const found: Finding[] = [];
  if (rpc.bind.answer.outcome !== "ok") {
    found.push(
      finding(
        "rpc-reads-rpc",
        `${at}/plain`,
        `${where} passes a plain bind and not the one a Windows client sends`,
      ),
    );
  }
  switch (rpc.control.answer) {
    case "accepted":
      found.push(
        finding("rpc-accepts-anything", `${at}/control`, `${where} accepts an unknown interface UUID`),
      );
      break;
    case "rejected":
      break;
    default:
      found.push(
        finding(
          "rpc-control-unanswered",
          `${at}/control`,
          `${where}: the control was not answered (${rpc.control.answer})`,
        ),
      );
  }
  const { secondaryAddress } = accepted.facts;
  if (/^\d+$/.test(secondaryAddress) && Number(secondaryAddress) !== port) {
    found.push(
      finding("rpc-other-port", at, `${where}: the server says that it listens on port ${secondaryAddress}`),
    );
  }
  return found;
}
