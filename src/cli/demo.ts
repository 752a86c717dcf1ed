import type { Command } from "commander";
import type { Lab } from "../demo/lab.ts";
import type { Report } from "../model/report.ts";
import type { CheckOptions } from "../run/request.ts";
import { hostPort } from "../verdict/words.ts";
import { checkAndPrint } from "./run-check.ts";
import { addOutputOptions } from "./options/output.ts";
import { standardOutput, tell } from "../output/standard.ts";
import { EXIT } from "./exit.ts";
import { FAREWELL, invitation } from "./invitation.ts";
import { spelt } from "./output.ts";
import type { OutputFlags } from "./output.ts";

/** Loopback answers at once or never: nobody needs to wait for the patience of a real network. */
const LAB_SETTINGS = { timeoutMs: 1_000, rpcTimeoutMs: 1_000, dnsTimeoutMs: 1_000 };

const EXAMPLES = `
Examples:
  kmsprobe demo                                   the whole lab, checked once
  kmsprobe demo --serve                           keeps it running, and prints lines to try

Exit codes: 0 each host was seen as what it is (most are broken on purpose), 2 usage, 3 it was not,
or could not run, 130 interrupted.`;

export function addDemo(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  const command = program
    .command("demo")
    .summary("run check against a lab on loopback: nothing to install, nothing leaves this machine")
    .description(
      "Starts a DNS server and KMS look-alikes in every interesting state on loopback, and runs check against them. Their RPC answers binds only; a request gets a fault.",
    )
    .option("--serve", "keep the lab running and print command lines to try", false)
    .addHelpText("after", EXAMPLES);
  addOutputOptions(command).action(async (flags: OutputFlags & { serve: boolean }) => {
    const { startLab } = await import("../demo/lab.ts");
    const lab = await startLab();
    try {
      if (flags.serve) {
        standardOutput.write(spelt(invitation(lab, process.argv[1]), flags));
        await untilAborted(signal);
        setExitCode(EXIT.ok);
        return;
      }
      const report = await checkAndPrint(requestOf(lab), flags, signal);
      const wrong = report.interrupted ? [] : mistakes(lab, report);
      const printed = flags.format === "text" && flags.output === undefined && !flags.quiet;
      if (printed && !report.interrupted && wrong.length === 0) standardOutput.write(spelt(FAREWELL, flags));
      for (const line of wrong) tell(`kmsprobe: the lab expected otherwise: ${line}\n`);
      setExitCode(report.interrupted ? EXIT.interrupted : wrong.length > 0 ? EXIT.couldNotRun : EXIT.ok);
    } finally {
      await lab.stop();
    }
  });
}

function requestOf(lab: Lab): CheckOptions {
  const resolvers = lab.resolvers.map(({ address, port }) => hostPort(address, port));
  return { domains: [lab.domain], resolvers, settings: LAB_SETTINGS };
}

/** Where the report names another state than the lab set up: the lab tests the tool, here too. */
function mistakes(lab: Lab, report: Report): string[] {
  const endpoints = report.diagnoses.flatMap((diagnosis) => diagnosis.endpoints);
  return lab.hosts.flatMap(({ host, port, expected }) => {
    const seen = endpoints.find(({ endpoint }) => endpoint.host === host && endpoint.port === port)?.verdict
      .code;
    return seen === expected
      ? []
      : [`${hostPort(host, port)} is ${expected}, reported as ${seen ?? "nothing"}`];
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A pending promise alone would let the process end.
    const keepAlive = setInterval(() => {}, 1 << 30);
    const done = (): void => {
      clearInterval(keepAlive);
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}
