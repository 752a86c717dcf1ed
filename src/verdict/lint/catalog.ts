/** Weight and advice of each lint finding; what to type stands in the finding's own fix. */
export const lintCatalog = {
  "lint-dangling-target": {
    severity: "warning",
    next: "Remove the record of a retired host: it stays until somebody does. Of a living one, add the missing address",
  },
  "lint-literal-target": {
    severity: "warning",
    next: "RFC 2782 wants a name with address records: list the host by its name in place of the address",
  },
  "lint-doubled-zone": {
    severity: "warning",
    next: "The full name lacks its final dot in the zone file, so the zone's name was put behind it: correct the target",
  },
  "lint-duplicate-record": {
    severity: "warning",
    next: "A client that picks at random takes it more often, and priorities contradict each other: keep one record",
  },
  "lint-same-address": {
    severity: "warning",
    next: "One machine under several names is no second host: keep the name that is its own, or see whether an address record is old. Of a load balancer, look at its members one by one",
  },
  "lint-other-port": {
    severity: "note",
    next: "Fine where it is meant and every firewall knows it; otherwise set the host back (slmgr.vbs /sprt 1688), then correct the record",
  },
  "lint-udp-twin": {
    severity: "note",
    next: "KMS is TCP only: remove these records, before somebody corrects them in place of the right ones",
  },
  "lint-missing-in-domain": {
    severity: "warning",
    next: "Where clients have that suffix alone, publish there, too (DnsDomainPublishList on the KMS hosts), or add the record by hand",
  },
  "lint-missing-at-resolver": {
    severity: "warning",
    next: "A client that asks this resolver doesn't find that host: repair its copy of the zone, or add the record there",
  },
  "lint-mixed-weights": {
    severity: "warning",
    next: "Give each host of a priority a weight above 0, or all of them 0; for a spare host, use a higher priority number",
  },
  "lint-ttl": {
    severity: "note",
    next: "Give the records an hour: above a day caches keep a retired host alive, and under a minute buys nothing, since clients keep the host they found",
  },
  "lint-many-hosts": {
    severity: "warning",
    next: "Each host counts its own clients (25, or 5 servers), and two are enough for most organisations: see which of these are meant to be KMS hosts",
  },
  "lint-not-answering": {
    severity: "warning",
    next: "See its verdict, and leave DNS alone: the record is right as long as the host is meant to serve",
  },
} as const;
