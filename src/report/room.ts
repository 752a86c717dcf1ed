/** What fits into an output whose reader takes so many bytes and no more. */

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * The first of the parts, up to one that does not fit any more.
 * @param between bytes that stand between two parts
 */
export function fitting(parts: readonly string[], room: number, between: number): string[] {
  let used = 0;
  const end = parts.findIndex((part) => {
    used += utf8Length(part) + between;
    return used > room;
  });
  return end === -1 ? [...parts] : parts.slice(0, end);
}

/** The text, or its beginning with an ellipsis, in at most so many bytes; no character is cut in two. */
export function cutTo(room: number, text: string): string {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= room || utf8Length(text) <= room) return text;
  return `${fitting(Array.from(text), room - utf8Length("…"), 0).join("")}…`;
}
