/** The verification as one page to attach to a change ticket. */
import type { Verification } from "../../verify/model.ts";
import { Baseline } from "./baseline.tsx";
import { Closing } from "./closing.tsx";
import { Dns } from "./dns.tsx";
import { Evidence } from "./evidence.tsx";
import { Expectations } from "./expectations.tsx";
import { Latency } from "./latency.tsx";
import { Matrix } from "./matrix.tsx";
import { Paths } from "./paths.tsx";
import { pageOf } from "./shell.tsx";
import { Sources } from "./sources.tsx";
import { headlineOf, VerdictHeader } from "./verdict-header.tsx";
import { printableVerification, titleOf } from "../verify/words.ts";

export function renderVerifyHtml(given: Verification): string {
  const verification = printableVerification(given);
  const { report, baseline } = verification;
  return pageOf({
    title: `${headlineOf(verification).words}: ${titleOf(verification)}`,
    header: <VerdictHeader verification={verification} />,
    // Called, and not made elements of: a chapter that has nothing to say is left out of the contents too.
    chapters: [
      { id: "matrix", title: "Hosts", element: Matrix({ report }) },
      { id: "sources", title: "Sources", element: Sources({ report }) },
      { id: "expectations", title: "Expectations", element: Expectations({ verification }) },
      { id: "baseline", title: "Baseline", element: Baseline({ baseline }) },
      { id: "paths", title: "Paths", element: Paths({ verification }) },
      { id: "dns", title: "DNS", element: Dns({ report }) },
      { id: "latency", title: "Latency", element: Latency({ report }) },
      { id: "evidence", title: "Evidence", element: Evidence({ verification }) },
    ],
    footer: <Closing report={report} kind="verification" />,
  });
}
