/**
 * Weight, words and steps of each finding. `{placeholders}` are filled by findings.ts. A line with `only` is kept where
 * one of its hints holds; a line with `unless` is dropped where one of its hints holds.
 *
 * The repair of a host that is not permitted follows Microsoft's article "How to discover Office and Windows KMS hosts
 * through DNS and remove unauthorized instances". No product key stands here, nor belongs here.
 */
import type { Step } from "../../model/verdict.ts";
import type { ReconcileCode, ReconcileRow } from "../model.ts";

/** What narrows the steps down. */
export type ReconcileHint =
  | "no-address"
  | "published"
  | "not-permitted"
  | "serves"
  /** No client can be served there, and nothing else fits what was seen. */
  | "gone"
  /** The same listed name leads to another address that serves, */
  | "other-address-serves"
  /** or that is permitted. */
  | "other-address-permitted";

type Conditional = { only?: readonly ReconcileHint[]; unless?: readonly ReconcileHint[] };
/** A `change` stands for the command lines that change the records in question, for each domain and kind of server. */
export type ReconcileStep = Conditional &
  ({ where: Step["where"]; text: string; command?: string } | { change: "remove" | "add"; text: string });

export type ReconcileEntry = {
  severity: ReconcileRow["findings"][number]["severity"];
  observed: string;
  /** Instead of `observed`, for a name without an address. */
  observedUnresolved: string;
  next: readonly ReconcileStep[];
};

const CHECK: ReconcileStep = {
  where: "here",
  text: "See why, with all of its evidence",
  command: "kmsprobe check {host}",
  unless: ["no-address"],
};
const LOOK_UP: ReconcileStep = {
  where: "here",
  text: "See whether the name has an address",
  command: "dig {resolver}{name} A; dig {resolver}{name} AAAA",
  only: ["no-address"],
};
const SWEEP_IT: ReconcileStep = {
  where: "here",
  text: "Sweep it, too, or check it alone",
  command: "kmsprobe check {host}",
  unless: ["no-address"],
};
const PERMIT_IT: ReconcileStep = {
  where: "here",
  text: "Where it is meant to be a KMS host, add it to the list of those that are permitted",
};
const SAME_MACHINE: ReconcileStep = {
  where: "here",
  text: "A permitted address has the same name: where this is the same machine, add this address to the list, and change nothing on it",
  only: ["other-address-permitted"],
};
const PUBLISH_ITSELF: ReconcileStep = {
  where: "kms-host",
  text: "Where clients are to find it by DNS, let it publish itself, then restart the service",
  command: "slmgr.vbs /sdns",
  unless: ["not-permitted"],
};
const PUBLISH_BY_HAND: ReconcileStep = {
  change: "add",
  text: "Or add its record by hand",
  unless: ["not-permitted"],
};

export const reconcileCatalog: Readonly<Record<ReconcileCode, ReconcileEntry>> = {
  "published-dead": {
    severity: "warning",
    observed: "{domains} lists {names}, and {host} does not serve: {title}",
    observedUnresolved: "{domains} lists {names}, and no address was found for it",
    next: [
      CHECK,
      LOOK_UP,
      {
        where: "dns",
        text: "Another address of the same name serves: leave the SRV record alone, and see whether this address is that host's own",
        only: ["other-address-serves"],
      },
      {
        change: "remove",
        text: "Where it is retired, remove its record: it stays until somebody does",
        only: ["gone"],
        unless: ["other-address-serves", "not-permitted"],
      },
      {
        where: "dns",
        text: "Leave its record alone until it is known why: other clients may be served",
        unless: ["gone", "other-address-serves", "not-permitted"],
      },
    ],
  },
  "published-not-swept": {
    severity: "note",
    observed: "{domains} lists {names}, and {host} was not swept",
    observedUnresolved: "{domains} lists {names}, which was not swept",
    next: [SWEEP_IT, LOOK_UP],
  },
  "unpublished-answering": {
    severity: "warning",
    observed: "{host} accepts the KMS bind, and no domain that was asked lists it",
    observedUnresolved: "{names} accepts the KMS bind, and no domain that was asked lists it",
    next: [
      {
        where: "client",
        text: "Clients reach it by a fixed or cached name only: look for it in what they say of their KMS machine",
        command: "slmgr.vbs /dlv",
      },
      PUBLISH_ITSELF,
      PUBLISH_BY_HAND,
    ],
  },
  "not-permitted-answering": {
    severity: "warning",
    observed: "{host} accepts the KMS bind, and is not permitted to",
    observedUnresolved: "{names} accepts the KMS bind, and is not permitted to",
    next: [
      SAME_MACHINE,
      PERMIT_IT,
      {
        where: "kms-host",
        text: "Usually a KMS host key was typed on a machine that should be a client: see whether KMS is enabled there, and with which key. Without Windows there is no such key: find who runs the service, and stop it",
        command: "slmgr.vbs /dlv all",
      },
      {
        where: "kms-host",
        text: "Stop it publishing itself; in the registry that is DisableDnsPublishing",
        command: "slmgr.vbs /cdns",
      },
      {
        where: "kms-host",
        text: "Make it a client again: install the generic volume licence key of its edition from Microsoft's list of client setup keys, or its own MAK",
        command: "slmgr.vbs /ipk <client setup key>",
      },
      {
        where: "kms-host",
        text: "Where the host key is one for Office, uninstall that one alone: without an activation ID every key on the machine goes",
        command: "slmgr.vbs /upk <activation ID of the Office host key>",
      },
      {
        where: "kms-host",
        text: "Restart the service (Software Protection), which may be unstable until then",
        command: "Restart-Service sppsvc",
      },
      {
        where: "kms-host",
        text: "See that the channel is VOLUME_KMSCLIENT or VOLUME_MAK now",
        command: "slmgr.vbs /dli",
      },
      {
        change: "remove",
        text: "Remove its SRV record: it stays until somebody does",
        only: ["published"],
        unless: ["other-address-permitted"],
      },
      {
        where: "dns",
        text: "Remove its _vlmcs._tcp record from any zone that was not asked here",
        unless: ["published"],
      },
      {
        where: "client",
        text: "Clients keep the host that served them, and ask DNS only when it fails: turn that caching off, and on again (/skhc) once they have another host",
        command: "slmgr.vbs /ckhc",
      },
      {
        where: "client",
        text: "Where clients have it as a fixed host, send them back to DNS",
        command: "slmgr.vbs /ckms",
      },
      {
        where: "kms-host",
        text: "Until then, or instead, let nobody in at the host",
        command:
          'New-NetFirewallRule -DisplayName "KMS not permitted" -Direction Inbound -Protocol TCP -LocalPort {port} -Action Block',
        unless: ["other-address-permitted"],
      },
      {
        where: "firewall",
        text: "Or on the way there",
        command: "deny tcp from any to {address} port {port}",
        unless: ["other-address-permitted"],
      },
    ],
  },
  "not-permitted-published": {
    severity: "warning",
    observed: "{domains} lists {names} ({host}), which is not permitted",
    observedUnresolved: "{domains} lists {names}, which is not permitted",
    next: [
      { where: "dns", text: "Its record goes with the repair of this host", only: ["serves"] },
      { ...SAME_MACHINE, unless: ["serves"] },
      { ...PERMIT_IT, unless: ["serves"] },
      {
        change: "remove",
        text: "Remove its record",
        unless: ["serves", "other-address-permitted"],
      },
      {
        where: "kms-host",
        text: "Where the machine still runs, stop it publishing itself, or the record comes back within 24 h",
        command: "slmgr.vbs /cdns",
        unless: ["serves", "other-address-permitted"],
      },
    ],
  },
  "permitted-dead": {
    severity: "warning",
    observed: "{host} is permitted and does not serve: {title}",
    observedUnresolved: "{names} is permitted, and no address was found for it",
    next: [
      CHECK,
      LOOK_UP,
      { where: "here", text: "Where it is retired, take it off the list of those that are permitted" },
    ],
  },
  "permitted-unpublished": {
    severity: "note",
    observed: "{host} serves and is permitted, and no domain that was asked lists it",
    observedUnresolved: "{names} serves and is permitted, and no domain that was asked lists it",
    next: [
      {
        where: "client",
        text: "Fine where clients have it as a fixed host: see what they say of their KMS machine",
        command: "slmgr.vbs /dlv",
      },
      PUBLISH_ITSELF,
      PUBLISH_BY_HAND,
    ],
  },
  "permitted-not-swept": {
    severity: "note",
    observed: "{host} is permitted, and was not swept",
    observedUnresolved: "{names} is permitted, and was not swept",
    next: [SWEEP_IT, LOOK_UP],
  },
};
