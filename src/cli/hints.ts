/** What to write instead of an option or a command that neighbouring tools have, and this one hasn't. */

const OPTIONS: Readonly<Record<string, string>> = {
  "--csv": "--format csv",
  "--xml": "--report junit=FILE of kmsprobe verify",
  "--html": "--report html=FILE of kmsprobe verify",
  "--no-color": "--color never",
  "--no-colour": "--color never",
  "--server": "-r ADDR is the resolver",
  "--dns": "-r ADDR is the resolver",
  "--tcp": "--dns-tcp",
  "--wait": "--timeout",
  "-w": "--timeout",
  "-t": "--timeout",
  "--interface": "--source",
  "-i": "--source",
  "-I": "--source",
  "-S": "--source",
  "--domains": "-d, once for each",
  "--hosts": "hosts stand alone, without an option",
  "--host": "hosts stand alone, without an option",
};

const COMMANDS: Readonly<Record<string, string>> = {
  version: "kmsprobe --version",
  scan: "kmsprobe sweep",
  probe: "kmsprobe check",
  ping: "kmsprobe watch",
  diff: "kmsprobe compare",
  lint: "kmsprobe verify",
};

/** What a command can't do without, and an example of it. */
const NEEDS: Readonly<Record<string, string>> = {
  merge:
    "name the files that kmsprobe sweep --format ndjson wrote, as in kmsprobe merge part1.ndjson part2.ndjson",
  compare:
    "name the reports that kmsprobe check --format json wrote, as in kmsprobe compare office.json vpn.json",
  show: "name a report that was written with --format json, as in kmsprobe show report.json",
  completion: "name your shell: bash, zsh, fish or powershell, as in kmsprobe completion bash",
};

/**
 * @param text what commander says, with what it would suggest by spelling alone
 * @param word the command that was given, or what stands in its place
 */
export function hinted(text: string, word = ""): string {
  if (text.startsWith("missing required argument")) return own(NEEDS, word) ?? text;
  const [, option = ""] = /^unknown option '([^'=]+)/.exec(text) ?? [];
  const [, command = ""] = /^unknown command '([^']*)'/.exec(text) ?? [];
  const hint = own(OPTIONS, option) ?? own(COMMANDS, command) ?? hostHint(command);
  if (hint === null) return text;
  return `${text.replace(/\s*\(Did you mean [^]*\)$/, "")} (${hint})`;
}

function own(table: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}

/** A host or an address where a command belongs. */
function hostHint(word: string): string | null {
  if (!/^[\w.:[\]%-]*[.:][\w.:[\]%-]*$/.test(word)) return null;
  return /^[\d.]+(?:\/|-)/.test(word) ? `kmsprobe sweep ${word}` : `kmsprobe check ${word}`;
}
