/** What people may have meant. */
import { closest, distance } from "fastest-levenshtein";

/** The likeliest of several words for one that is not among them; null where none is near. */
export function nearest(word: string, words: readonly string[]): string | null {
  if (words.length === 0) return null;
  const found = closest(word.toLowerCase(), words);
  return distance(word.toLowerCase(), found) <= Math.max(2, Math.ceil(found.length / 2.5)) ? found : null;
}

/** ", did you mean 'x'?" where something is near; else what there is. */
export function suggestion(word: string, words: readonly string[]): string {
  const near = nearest(word, words);
  return near === null ? `write one of ${words.join(", ")}` : `did you mean '${near}'?`;
}
