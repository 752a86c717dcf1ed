import { Option } from "commander";
import type { Command } from "commander";
import { LOG_FORMATS, LOG_LEVELS } from "./flags.ts";
import type { ServeFlags } from "./flags.ts";

const NOTES = `
Paths: /probe?target=DOMAIN|HOST:PORT&module=NAME (&debug=true for the report in text), /metrics,
/sd, /, /-/healthy, /-/ready, and /-/reload where it is on. What may be asked for stands in the
configuration: without one, nothing.

Examples:
  kmsprobe serve                                    starts, and its page says the next step
  kmsprobe serve --config serve.yaml
  kmsprobe serve --config serve.yaml --check-config
  kmsprobe serve --config serve.yaml --listen 10.20.0.9:9688 --web-config web.yml

Exit codes: 0 stopped by a signal, or a sound configuration, 2 usage (a mistake in a file has its
line and column), 3 could not run. SIGHUP reads the configuration and the web configuration again.
kmsprobe sends no activation request: it binds the RPC interface, which a host does not count.`;

/** @param takeHangup hands over what SIGHUP does from then on */
export function addServe(
  program: Command,
  signal: AbortSignal,
  setExitCode: (code: number) => void,
  takeHangup: (handler: () => void) => void,
): void {
  program
    .command("serve")
    .summary("an exporter for Prometheus: probes by request and by schedule")
    .description("Answers Prometheus with what check would find, for targets of a configuration.")
    .option("--listen <address:port>", "where to listen", "127.0.0.1:9688")
    .option("--config <file>", "targets, modules and what may be asked for (YAML)")
    .option("--web-config <file>", "TLS and passwords, in the format of Prometheus' exporter-toolkit")
    .option("--check-config", "read the configurations, and end", false)
    .option("--enable-reload", "let POST /-/reload read the configuration again", false)
    .addOption(
      new Option("--log-level <level>", "least level of a line of log").choices(LOG_LEVELS).default("info"),
    )
    .addOption(new Option("--log-format <format>", "form of the log").choices(LOG_FORMATS).default("logfmt"))
    .addHelpText("after", NOTES)
    .action(async (flags: ServeFlags) => {
      const { serveUntil } = await import("./session.ts");
      setExitCode(await serveUntil(flags, signal, takeHangup));
    });
}
