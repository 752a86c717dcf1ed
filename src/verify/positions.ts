/** Where things stand in a YAML text. */
import { isCollection, isMap, isNode, isScalar } from "yaml";
import type { Document, LineCounter } from "yaml";
import type { Position } from "./model.ts";

export type Path = readonly PropertyKey[];

/** A YAML document with its lines. */
export type Located = { document: Document; lines: LineCounter };

/** Where the value at a path stands; of a path that leads nowhere, the last part that is there. */
export function positionOf({ document, lines }: Located, path: Path): Position {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const key of path) {
    if (!isCollection(node)) break;
    const next: unknown = node.get(typeof key === "symbol" ? String(key) : key, true);
    const start = startOf(next) ?? keyStart(node, key);
    if (start === undefined) break;
    offset = start;
    node = next;
  }
  return at(lines, offset ?? 0);
}

/** Where a key of the map at a path stands. */
export function positionOfKey(located: Located, path: Path, key: string): Position {
  const { document, lines } = located;
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const offset = keyStart(map, key);
  return offset === undefined ? positionOf(located, path) : at(lines, offset);
}

function keyStart(map: unknown, key: PropertyKey): number | undefined {
  if (!isMap(map)) return undefined;
  const pair = map.items.find((each) => isScalar(each.key) && String(each.key.value) === String(key));
  return startOf(pair?.key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function at(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
