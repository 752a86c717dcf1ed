/** What to try on a lab that is kept running: a line a command, each as it can be pasted. */
import type { Lab } from "../demo/lab.ts";
import { hostPort } from "../verdict/words.ts";

/** Loopback answers at once or never. */
const SOON = "--timeout 1s --rpc-timeout 1s";

export function invitation(lab: Omit<Lab, "stop">): string {
  const [resolver] = lab.resolvers;
  const at = resolver ? ` -r ${hostPort(resolver.address, resolver.port)}` : "";
  const domain = `-d ${lab.domain}${at}`;
  const ports = [...new Set(lab.hosts.map(({ port }) => port))].toSorted((a, b) => a - b).join(",");
  const lines = [
    `The lab is up: ${lab.hosts.length} hosts in ${lab.domain}. In another terminal, try:`,
    "",
    `  kmsprobe check ${domain} ${SOON}`,
    `  kmsprobe check ${domain} ${SOON} -v`,
    `  kmsprobe check ${domain} ${SOON} --report html=lab.html --format json -o lab.json`,
    "  kmsprobe show lab.json",
    `  kmsprobe check -d nowhere.${lab.domain}${at}`,
    `  kmsprobe sweep ${lab.address} -p ${ports} ${domain} ${SOON}`,
    `  kmsprobe verify --init ${domain} -o lab.yaml`,
    "  kmsprobe verify lab.yaml",
    `  kmsprobe watch ${domain} ${SOON}`,
    "  kmsprobe explain 0xC004F074",
    ...lab.hosts.map(({ host, port, shows }) => `  kmsprobe check ${hostPort(host, port)}${at}   # ${shows}`),
    "",
    "Ctrl-C ends it.",
    "",
  ];
  return lines.join("\n");
}
