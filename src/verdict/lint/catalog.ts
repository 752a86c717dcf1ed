/** Weight, meaning and advice of each lint finding; what to type stands in the finding's own fix. */
export const lintCatalog = {
  "lint-dangling-target": {
    severity: "warning",
    means: "An SRV record names a host that has no address",
    next: "Remove the record of a retired host: it stays until somebody does. Of a living one, add the missing address",
  },
  "lint-literal-target": {
    severity: "warning",
    means: "An SRV record has an address where a name belongs",
    next: "RFC 2782 wants a name with address records: list the host by its name in place of the address",
  },
  "lint-doubled-zone": {
    severity: "warning",
    means: "The target of an SRV record ends with the zone's name twice",
    next: "The full name lacks its final dot in the zone file, so the zone's name was put behind it: correct the target",
  },
  "lint-duplicate-record": {
    severity: "warning",
    means: "One host and port is listed more than once, with different priorities or weights",
    next: "A client that picks at random takes it more often, and priorities contradict each other: keep one record",
  },
  "lint-same-address": {
    severity: "warning",
    means: "Two listed hosts have the same address",
    next: "One machine under several names is no second host: keep the name that is its own, or see whether an address record is old. Of a load balancer, look at its members one by one",
  },
  "lint-other-port": {
    severity: "note",
    means: "A host is listed with a port other than 1688",
    next: "Fine where it is meant and every firewall knows it; otherwise set the host back (slmgr.vbs /sprt 1688), then correct the record",
  },
  "lint-udp-twin": {
    severity: "note",
    means: "KMS hosts are listed under _vlmcs._udp as well",
    next: "KMS is TCP only: remove these records, before somebody corrects them in place of the right ones",
  },
  "lint-missing-in-domain": {
    severity: "warning",
    means: "A suffix lists no KMS host, and another one that was looked at does",
    next: "Where clients have that suffix alone, publish there, too (DnsDomainPublishList on the KMS hosts), or add the record by hand",
  },
  "lint-missing-at-resolver": {
    severity: "warning",
    means: "A resolver does not list a host that another one lists",
    next: "A client that asks this resolver doesn't find that host: repair its copy of the zone, or add the record there",
  },
  "lint-mixed-weights": {
    severity: "warning",
    means:
      "Records of one priority have weight 0 beside others: hosts of weight 0 are hardly ever tried first",
    next: "Give each host of a priority a weight above 0, or all of them 0; for a spare host, use a higher priority number",
  },
  "lint-ttl": {
    severity: "note",
    means: "The records may be kept for more than a day, or for less than a minute",
    next: "Give the records an hour: above a day caches keep a retired host alive, and under a minute buys nothing, since clients keep the host they found",
  },
  "lint-many-hosts": {
    severity: "warning",
    means: "Four hosts or more are listed",
    next: "Each host counts its own clients (25, or 5 servers), and two are enough for most organisations: see which of these are meant to be KMS hosts",
  },
  "lint-not-answering": {
    severity: "warning",
    means: "A listed host does not serve from here: clients that try it first lose time",
    next: "See its verdict, and leave DNS alone: the record is right as long as the host is meant to serve",
  },
} as const;
