import { parseCidr } from "./cidr.ts";
import type { Interval } from "./cidr.ts";

/** Where no KMS host can be, and a connect would be nonsense or reach somebody else. The smaller ones first. */
const NEVER = [
  ["0.0.0.0/8", "0.0.0.0/8 (this network)"],
  ["224.0.0.0/4", "multicast addresses (224.0.0.0/4)"],
  ["255.255.255.255/32", "the limited broadcast address 255.255.255.255"],
  ["240.0.0.0/4", "reserved addresses (240.0.0.0/4)"],
  ["::/128", "the unspecified address ::"],
  ["fe80::/10", "link-local addresses (fe80::/10), which need an interface"],
  ["ff00::/8", "multicast addresses (ff00::/8)"],
].flatMap(([cidr = "", what = ""]) => {
  const interval = parseCidr(cidr);
  return interval === null ? [] : [{ ...interval, what }];
});

/** By family: most targets meet none, and lists are long. */
const BY_FAMILY = {
  4: NEVER.filter(({ family }) => family === 4),
  6: NEVER.filter(({ family }) => family === 6),
};

/** What an interval holds that is never swept, in words; null where it holds nothing of that kind. */
export function neverSwept({ family, first, last }: Interval): string | null {
  const met = BY_FAMILY[family].filter((never) => never.first <= last && first <= never.last);
  const within = met.find((never) => never.first <= first && last <= never.last);
  return (within ?? met[0])?.what ?? null;
}
