/** A source whose interface is there and can't be used, in the words of the catalogue. */
import type { SourceFault } from "../model/source.ts";
import type { Hint } from "./catalog/entry.ts";
import type { Values } from "./words.ts";

const WORDS = {
  down: { sourceState: "is down", sourceReason: "switched off, or its VPN is not connected" },
  "no-carrier": {
    sourceState: "has no carrier",
    sourceReason: "a cable, or the program at the other end, is gone",
  },
  "no-address": { sourceState: "has no address", sourceReason: "DHCP gave none, or none is configured" },
} as const;

/** `eth0 is down, wlan0 has no carrier`. */
export function linkWords(links: readonly SourceFault[]): string {
  return links.map((link) => `${link.interface} ${WORDS[link.state].sourceState}`).join(", ");
}

export function faultHints(fault: SourceFault | null): Hint[] {
  return fault === null ? [] : ["source-unusable"];
}

export function faultValues(fault: SourceFault | null): Values {
  return fault === null ? {} : { sourceInterface: fault.interface, ...WORDS[fault.state] };
}
