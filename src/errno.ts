/**
 * The errno name of anything that Node throws or hands to an error listener, or the name that Node gives it itself.
 *
 * @param none where it has none
 */
export function errnoOf(error: unknown, none = "UNKNOWN"): string {
  if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "string") {
    return error.code;
  }
  return none;
}

/** An error as the system would have raised it, of something that we saw ourselves. */
export function errnoError(errno: string, words: string): Error {
  return Object.assign(new Error(words), { code: errno });
}
