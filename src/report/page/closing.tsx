import type { ReactElement } from "react";
import type { Report } from "../../model/report.ts";
import { durationWords } from "../../verdict/duration.ts";

/** What the page does not say, so that nobody reads it into it. */
export function Closing({ report, kind }: { report: Report; kind: "verification" | "report" }): ReactElement {
  const { tool, settings, schemaVersion } = report;
  return (
    <footer>
      <h2>What this means, and what it does not</h2>
      <ul>
        <li>
          “Serves” means that an RPC server at that address and port accepted the KMS interface. No activation
          request was sent, so this says nothing of keys, counts or licences, or of what the server would
          answer to one.
        </li>
        <li>
          It holds for this machine, from the sources named, at the time named. A client elsewhere may see
          another picture.
        </li>
        <li>
          “Not checked” means that nothing is known. Silence has several causes that look alike from here; all
          that fit are named.
        </li>
        <li>
          Times are as this process saw them, by a monotonic clock. Timeouts:{" "}
          {durationWords(settings.timeoutMs)} for a connect
          {settings.retries > 0 ? `, tried up to ${settings.retries + 1} times` : ""},{" "}
          {durationWords(settings.rpcTimeoutMs)} for an RPC answer, {durationWords(settings.dnsTimeoutMs)} for
          DNS.
        </li>
      </ul>
      <p>
        {tool.name} {tool.version}, {kind} schema {schemaVersion}. This page is complete in itself: it loads
        nothing and runs nothing.
      </p>
    </footer>
  );
}
