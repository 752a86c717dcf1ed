/** What to try on a lab that is kept running: a line a command, each as it can be pasted. */
import type { Lab } from "../demo/lab.ts";
import { hostPort } from "../verdict/words.ts";

/** Loopback answers at once or never. */
const SOON = "--timeout 1s --rpc-timeout 1s";

/** A program of a clone, on no path by its name; one whose name asks for quotes is left to who chose it. */
const CLONED = /^[\w./-]+\/kmsprobe\.cjs$/;

/** Below a report whose commands lead to ports that nobody listens on any more. */
export const FAREWELL = `
Each host was seen as what it is. The lab has ended, and with it the ports that
are named above. To keep it running, with command lines to try:
    kmsprobe demo --serve
`;

/** @param program the file that this process runs */
export function invitation(lab: Omit<Lab, "stop">, program = ""): string {
  const [resolver] = lab.resolvers;
  const at = resolver ? ` -r ${hostPort(resolver.address, resolver.port)}` : "";
  const domain = `-d ${lab.domain}${at}`;
  const ports = [...new Set(lab.hosts.map(({ port }) => port))].toSorted((a, b) => a - b).join(",");
  const lines = [
    `The lab is up: ${lab.hosts.length} hosts in ${lab.domain}. In another terminal, try:`,
    "",
    ...(CLONED.test(program) ? [`  alias kmsprobe='node ${program}'`] : []),
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
