/** A check report as the joining needs it: who lists what, and what each host did. Pointers lead into the joined document. */
import type { Report } from "../../model/report.ts";
import type { Verdict } from "../../model/verdict.ts";

export type Place = { readonly host: string; readonly port: number };

export type HostSeen = Place & {
  readonly addresses: readonly string[];
  readonly verdict: Verdict;
  readonly pointer: string;
};

/** What one resolver said of one suffix. `listed` is empty where it lists nothing, `denied` null where it denied nothing. */
export type AnswerSeen = {
  readonly domain: string;
  readonly resolver: string;
  readonly address: string;
  readonly listed: readonly Place[];
  readonly denied: string | null;
  readonly pointer: string;
};

/** A clock that the check has read: positive where it is ahead of this machine's. */
export type ClockSeen = { readonly host: string; readonly offsetMs: number; readonly pointer: string };

export type Network = {
  readonly hosts: readonly HostSeen[];
  readonly answers: readonly AnswerSeen[];
  readonly clocks: readonly ClockSeen[];
  /** whatever resolver lists it, each once */
  readonly listed: readonly Place[];
};

/** Where the check report stands in the joined document. */
export const REPORT = "/report";

/** A report as the rules of this room look at it, with pointers into it. */
export function networkOf({ diagnoses }: Report): Network {
  const answers = diagnoses.flatMap(({ target, srv }, at) =>
    srv.map(({ resolver, answer }, index): AnswerSeen => ({
      domain: target.kind === "domain" ? target.domain : "",
      resolver: resolver.port === 53 ? resolver.address : `${resolver.address} port ${resolver.port}`,
      address: resolver.address.toLowerCase(),
      listed:
        answer.outcome === "ok" ? answer.facts.records.map(({ target: host, port }) => ({ host, port })) : [],
      denied: answer.outcome === "denied" ? (answer.denial.nodata ? "NODATA" : answer.denial.rcode) : null,
      pointer: `${REPORT}/diagnoses/${at}/srv/${index}`,
    })),
  );
  const hosts = diagnoses.flatMap(({ endpoints }, at) =>
    endpoints.map(({ endpoint, address, verdict }, index): HostSeen => ({
      ...endpoint,
      addresses: address.addresses,
      verdict,
      pointer: `${REPORT}/diagnoses/${at}/endpoints/${index}`,
    })),
  );
  const clocks = diagnoses.flatMap(({ endpoints }, at) =>
    endpoints.flatMap(({ endpoint, attempts }, index) =>
      attempts.flatMap(({ clock }, attempt) =>
        (clock?.readings ?? []).flatMap(({ answer }): ClockSeen[] =>
          answer.outcome === "ok"
            ? [
                {
                  host: endpoint.host,
                  offsetMs: answer.facts.offsetMs,
                  pointer: `${REPORT}/diagnoses/${at}/endpoints/${index}/attempts/${attempt}/clock`,
                },
              ]
            : [],
        ),
      ),
    ),
  );
  const listed = answers.flatMap((answer) => answer.listed);
  return {
    hosts,
    answers,
    clocks,
    listed: [...new Map(listed.map((each) => [nameOf(each), each])).values()],
  };
}

/** `kms1.corp.example:1688`, to be read and to be told apart by. */
export function nameOf({ host, port }: Place): string {
  const name = host.toLowerCase();
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** Windows keeps some hosts by their short name: that of any suffix. */
export function isSameHost(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b) return true;
  if (/^[\d.]+$|:/.test(a) || /^[\d.]+$|:/.test(b)) return false;
  if (a.includes(".") && b.includes(".")) return false;
  return a.split(".")[0] === b.split(".")[0];
}

/** What a sentence names of many. */
export function listOfPlaces(places: readonly Place[]): string {
  const names = [...new Set(places.map(nameOf))];
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
