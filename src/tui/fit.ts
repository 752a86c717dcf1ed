/** What goes into one line of the screen: where all of it has no room, what matters least is left out whole. */

/** `keep`: the greater, the longer it stays. */
export type Part<Content> = { text: string; keep: number; content: Content };

const BETWEEN = 2;

/** @returns the parts that fit, in their order; the last one of all stays in any case, and is cut by whoever draws it */
export function fitted<Content>(parts: readonly Part<Content>[], width: number): Part<Content>[] {
  const left = [...parts];
  const needed = (): number => left.reduce((sum, { text }) => sum + text.length + BETWEEN, -BETWEEN);
  while (left.length > 1 && needed() > width) {
    const least = Math.min(...left.map(({ keep }) => keep));
    left.splice(
      left.findIndex(({ keep }) => keep === least),
      1,
    );
  }
  return left;
}
