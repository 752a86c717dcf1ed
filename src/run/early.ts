/** Hosts that are told of as soon as they are done, before the report. */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import type { EndpointEvidence, Evidence, Target } from "../model/evidence.ts";
import { NOBODY_ELSE, standsAlone } from "../verdict/elsewhere.ts";
import { judgeEndpoint } from "../verdict/endpoint.ts";
import { ownLack } from "../verdict/judge.ts";

/** A host as it stands in the report; `pointer` says where it will stand there. */
export type FoundEndpoint = {
  target: Target;
  source: string | null;
  endpoint: EndpointDiagnosis;
  pointer: string;
};

/** Where in the report a host belongs, and what this machine's configuration lacks. */
type Place = Pick<FoundEndpoint, "target" | "source"> &
  Pick<Evidence, "configuration"> & { diagnosis: number };

/**
 * Tells of a host only where nothing that is still looked at can change what is said of it: what one source sees strikes
 * causes at the others, so that with several of them all wait for the end.
 * @param sources how many there are
 */
export function tellEarly(
  onEndpoint: ((found: FoundEndpoint) => void) | undefined,
  sources: number,
): (place: Place) => (evidence: EndpointEvidence, index: number) => void {
  if (onEndpoint === undefined || sources > 1) return () => () => {};
  return ({ target, source, configuration, diagnosis }) =>
    (evidence, index) => {
      if (!standsAlone(evidence)) return;
      const own = ownLack({ configuration });
      const endpoint = judgeEndpoint(evidence, `/endpoints/${index}`, NOBODY_ELSE.from(null), own);
      onEndpoint({ target, source, endpoint, pointer: `/diagnoses/${diagnosis}/endpoints/${index}` });
    };
}
