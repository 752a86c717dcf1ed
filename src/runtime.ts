/** Which runtimes the probe's verdicts hold on. This file has to run on all others too, so that it can say so. */

const OLDEST = 20;

/**
 * Why nothing can be told on this runtime; null where it can. Bun calls hosts refused that nobody reaches, and Deno hides
 * the source of a connection and takes a resolver's answer from anybody: wrong verdicts are worse than none.
 */
export function refusalOf(versions: Readonly<Record<string, string | undefined>>): string | null {
  const needs = `kmsprobe needs Node.js ${OLDEST} or later`;
  if (versions["bun"] !== undefined)
    return `${needs}; this is Bun ${versions["bun"]}, on which verdicts would be wrong`;
  if (versions["deno"] !== undefined)
    return `${needs}; this is Deno ${versions["deno"]}, on which verdicts would be wrong`;
  const node = versions["node"];
  if (node === undefined) return `${needs}; this is something else`;
  return parseInt(node, 10) >= OLDEST ? null : `${needs}; this is v${node}`;
}
