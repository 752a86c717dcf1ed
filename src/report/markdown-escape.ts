/** What means something in Markdown, in GitHub's dialect or in HTML, wherever it stands. */
const SPECIAL = /[\\`*_[\]<>|~&!$]/g;

/** Would call people and link issues even when escaped: only code is left alone. */
const CALLS = /[@#]+/g;

/**
 * Printable text as Markdown that shows just that text: no markup, links, HTML, table borders or mentions come out of
 * it. It must stay on its line, in a table's cell or after a bullet.
 */
export function markdownText(text: string): string {
  return text
    .replace(SPECIAL, "\\$&")
    .replace(CALLS, "`$&`")
    .replace(/:\/\//g, "\\://")
    .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}\\.`)
    .replace(/^[-+=]/, "\\$&")
    .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");
}

/** Code as it is: within backticks more than it holds, and with blanks that a reader takes off again. */
export function markdownCode(code: string): string {
  const longest = Math.max(0, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence} ${code} ${fence}`;
}
