/** What is worth saying of the SRV answers, beside the verdict. */
import type { Evidence } from "../../model/evidence.ts";
import type { Finding } from "../../model/finding.ts";
import { publishedElsewhere } from "../controls.ts";
import { plural } from "../figures.ts";
import { describeIgnored, disagreement } from "../srv.ts";
import { isUnfinished } from "../unfinished.ts";
import { hostPort, nameHosts } from "../words.ts";
import { finding } from "./catalog.ts";

/** Of all resolvers of one target; pointers are into its evidence. */
export function srvFindings({ srv, recordsDropped }: Evidence): Finding[] {
  const found: Finding[] = [];
  const differ = disagreement(srv);
  if (differ !== null) found.push(finding("srv-resolvers-disagree", "/srv", differ));
  const somebodyLists = srv.some(({ answer }) => answer.outcome === "ok");
  srv.forEach((answer, index) => {
    const at = `/srv/${index}`;
    const who = hostPort(answer.resolver.address, answer.resolver.port);
    const { ignored, edns, transport } = answer.exchange;
    if (somebodyLists && ["no-answer", "malformed"].includes(answer.answer.outcome)) {
      found.push(
        finding(
          "srv-resolver-failed",
          at,
          `${who} gave no usable answer, while another resolver lists hosts`,
        ),
      );
    }
    const unfinished =
      answer.answer.outcome === "ok" ? answer.answer.facts.records.find(isUnfinished) : undefined;
    if (unfinished !== undefined) {
      const observed = `${who} lists ${unfinished.target} with port 1 and TTL 0, as dnsmasq does of an srv-host line without a port`;
      found.push(finding("srv-unfinished", at, observed));
    }
    for (const { control, where } of publishedElsewhere(answer)) {
      // Clients with that suffix do look there.
      const suffix = control.purpose === "sibling" || control.purpose === "parent";
      const lost = suffix ? "clients of this domain don't look" : "no client looks";
      const observed = `${who} lists ${nameHosts(control.found)} as ${control.name}, ${where}: ${lost} there`;
      found.push(finding("srv-published-elsewhere", at, observed));
    }
    const strays = describeIgnored(ignored);
    if (strays !== "") found.push(finding("srv-answers-ignored", at, `${who}: answers ignored: ${strays}`));
    if (!edns)
      found.push(
        finding("srv-edns-refused", at, `${who} takes the question over ${transport} without EDNS(0) only`),
      );
    if (answer.answer.outcome === "ok" && answer.answer.facts.dropped > 0) {
      const { dropped } = answer.answer.facts;
      found.push(
        finding(
          "srv-records-dropped",
          at,
          `${who}: ${plural(dropped, "record")} not used (beyond the limit, port 0, Target ".", or of another name)`,
        ),
      );
    }
  });
  if (recordsDropped > 0) {
    found.push(
      finding("srv-records-dropped", "/endpoints", `${recordsDropped} more listed hosts were not probed`),
    );
  }
  return found;
}
