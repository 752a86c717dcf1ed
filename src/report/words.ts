/** Words that more than one kind of report uses. */
import type { Step } from "../model/verdict.ts";

/** Where a step is to be done. */
export const PLACES: Readonly<Record<Step["where"], string>> = {
  here: "here",
  client: "on a client",
  "kms-host": "on the KMS host",
  dns: "in DNS",
  firewall: "firewall",
};
