import { renderLogLine } from "../../report/watch/lines.ts";
import type { LogLine } from "../../report/watch/lines.ts";
import { openLines } from "../../output/lines.ts";
import { MOST_WAITING } from "../../output/standard.ts";

export type WatchLog = { write: (line: LogLine) => void; close: () => Promise<void> };

/**
 * Appends to a file, one whole line in one write: changes are rare, and what was told must be there whatever comes
 * next. A disk that fills up later is reported once and ends the log, not the watch.
 * @throws UsageError where the file can't be opened
 */
export async function openLog(file: string, complain: (text: string) => void): Promise<WatchLog> {
  const lines = await openLines(file, "append");
  let ended = false;
  const end = (reason: string): void => {
    if (!ended) complain(`kmsprobe: ${reason}; the watch goes on\n`);
    ended = true;
  };
  const endWith = (error: unknown): void => end(error instanceof Error ? error.message : String(error));
  lines.onGone(() => end(`nobody reads ${file} any more`));
  return {
    write(line) {
      if (ended) return;
      if (lines.waiting() > MOST_WAITING)
        return end(`nobody reads ${file}: what is told from here on is not in it`);
      try {
        lines.write(renderLogLine(line));
      } catch (error) {
        endWith(error);
      }
    },
    close: () => lines.close().catch(endWith),
  };
}
