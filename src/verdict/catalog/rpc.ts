/** The words for what a bind meets. */
import type { VerdictCode } from "../../model/verdict.ts";
import { DEFAULTS } from "./entry.ts";
import type { Cause, Entry, Hint, NextStep } from "./entry.ts";
import {
  ACCEPTS_FOR_ALL,
  BALANCER,
  FORWARDER_HERE,
  GIVEN_BY_DNS,
  GIVEN_STEPS,
  HOST_LISTENS,
  HOST_RUNS,
  HOST_SERVICE,
  OTHER_PORT,
  PATH_PROTECTS,
  USUAL_PORT,
  WHO_ANSWERS,
} from "./steps.ts";

/** What a refusal may give as its reason. */
const REASONS: readonly Hint[] = ["too-busy", "access-denied", "wants-authentication", "other-version"];

/** By the reason that came with the refusal. */
const WHY_REFUSED: readonly Cause[] = [
  { text: "the RPC service is too busy or out of resources, as it says itself", only: ["too-busy"] },
  {
    text: "a policy of that machine forbids anonymous RPC, as which KMS is spoken, or forbids it to this source",
    only: ["access-denied"],
  },
  {
    text: "the service wants authentication, and KMS clients use none: another service, or a policy of that machine",
    only: ["wants-authentication"],
  },
  {
    text: "the service takes the bind for a mistake in the protocol, or speaks another version of it",
    only: ["other-version"],
  },
];

const RESTART_IF_BUSY: NextStep = {
  only: ["too-busy"],
  unless: ["serves-elsewhere"],
  where: "kms-host",
  text: "See what keeps it busy; restart the service if it is out of resources",
  command: "Restart-Service sppsvc",
};

const ANONYMOUS: NextStep = {
  only: ["access-denied"],
  where: "kms-host",
  text: "See whether unauthenticated RPC is restricted there: 2 is Authenticated without exceptions",
  command: 'reg query "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Rpc" /v RestrictRemoteClients',
};

export const rpcCatalog = {
  "rpc-no-answer": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [
      { hint: "unacknowledged", certainty: "likely" },
      { hint: "zero-window", certainty: "likely" },
    ],
    title: "connects, RPC silent",
    observed:
      "{address} port {port} accepts the connection and does not answer the bind within {seconds} s{detail}; {again}.",
    causes: [
      ...GIVEN_BY_DNS,
      ...ACCEPTS_FOR_ALL,
      {
        text: "the bind was lost on the way: a device drops data after the handshake (inspection, payload filter, asymmetric path)",
        unless: ["acknowledged", "zero-window", "loopback", "taken-here"],
      },
      {
        text: "a path that loses larger packets and hides it (MTU, ICMP filtered)",
        only: ["unacknowledged"],
      },
      {
        text: "a SYN proxy or load balancer accepts for a server that doesn't answer",
        unless: ["acknowledged", "unacknowledged"],
      },
      {
        text: "the service hangs or is overloaded",
        unless: ["unacknowledged", "zero-window", "serves-elsewhere"],
      },
      {
        text: "a proxy holds the connection and its backend is dead",
        unless: ["unacknowledged", "zero-window"],
      },
      {
        text: "a proxy or forwarder is at its connection limit and leaves this one in its queue (haproxy maxconn, socat max-children)",
        unless: ["unacknowledged", "zero-window"],
      },
      {
        text: "a load balancer puts a PROXY header in front of the bind, or a forwarder wraps it in TLS, and the service waits for what that would announce",
        unless: ["unacknowledged", "zero-window"],
      },
      {
        text: "the answer is lost on the way back",
        unless: ["unacknowledged", "zero-window", "loopback", "taken-here"],
      },
      {
        text: "another service listens, which waits for its own language",
        unless: ["unacknowledged", "zero-window", "serves-elsewhere"],
      },
    ],
    next: [
      ...GIVEN_STEPS,
      FORWARDER_HERE,
      { ...PATH_PROTECTS, unless: ["acknowledged", "zero-window", "loopback", "taken-here"] },
      {
        only: ["serves-elsewhere"],
        where: "firewall",
        text: "See that the host's answers to this source pass on the way back, and that no proxy answers in its place",
        command: "permit tcp from {address} port {port} to {source}, established",
      },
      { ...BALANCER, unless: ["unacknowledged", "loopback", "taken-here"] },
      HOST_RUNS,
      {
        where: "kms-host",
        text: "Restart the service if it hangs",
        command: "Restart-Service sppsvc",
        unless: ["serves-elsewhere"],
      },
    ],
    clientError: "0x800706BA",
    clientWaits: true,
  },
  "rpc-closed": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "ambiguous",
    title: "connects, then closes",
    observed: "{address} port {port} accepts the connection and closes it {moment}; {again}.",
    causes: [
      ...GIVEN_BY_DNS,
      ...ACCEPTS_FOR_ALL,
      { text: "a load balancer or forwarder whose backend is dead", only: ["unprompted"] },
      {
        text: "another service listens there: a TLS server, for one, says nothing else",
        unless: ["unprompted", "serves-elsewhere"],
      },
      { text: "a load balancer whose backend is dead", unless: ["unprompted"] },
      {
        text: "an RPC server that doesn't know the KMS interface and says so by closing",
        unless: ["unprompted", "serves-elsewhere"],
      },
      { text: "an access list that closes on this source" },
      {
        text: "a forwarder is at its connection limit and closes on whoever is one too many (xinetd instances or per_source, haproxy's queue)",
        only: ["unprompted"],
      },
      { text: "another service listens there, which takes nobody at the moment", only: ["unprompted"] },
      {
        text: "a forwarder wraps what it passes in TLS or puts a PROXY header in front, and the host knows neither; or the listener expects such a header",
      },
    ],
    next: [
      ...GIVEN_STEPS,
      FORWARDER_HERE,
      { ...PATH_PROTECTS, only: ["serves-elsewhere"] },
      HOST_LISTENS,
      { ...BALANCER, only: ["unprompted"] },
      HOST_SERVICE,
      {
        where: "here",
        text: "See whether it speaks TLS",
        command: "openssl s_client -connect {address}:{port}",
        unless: ["serves-elsewhere", "unprompted"],
      },
      { ...BALANCER, unless: ["unprompted", "loopback", "taken-here"] },
    ],
    clientError: "0x800706BA",
  },
  "rpc-reset": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "ambiguous",
    title: "connects, then resets",
    observed: "{address} port {port} accepts the connection and resets it when a bind comes; {again}.",
    causes: [
      ...GIVEN_BY_DNS,
      ...ACCEPTS_FOR_ALL,
      {
        text: "a device on the path reads RPC and resets what it doesn't permit",
        unless: ["loopback", "taken-here"],
      },
      {
        text: "another service listens there, which resets on bytes it doesn't know",
        unless: ["serves-elsewhere"],
      },
      { text: "the service resets as soon as it accepts (access list, too busy)" },
      { text: "a proxy whose backend is dead" },
      {
        text: "a forwarder wraps what it passes in TLS or puts a PROXY header in front, and the host knows neither; or the listener expects such a header",
      },
    ],
    next: [...GIVEN_STEPS, FORWARDER_HERE, PATH_PROTECTS, BALANCER, HOST_LISTENS, HOST_SERVICE],
    clientError: "0x800706BE",
  },
  "rpc-not-dcerpc": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "certain",
    title: "other service",
    observed: "What answers at {address} port {port} speaks no DCE/RPC: {detail}.",
    causes: [
      ...GIVEN_BY_DNS,
      {
        text: "the SRV record or a port forwarding points at another service",
        only: ["listed"],
        unless: ["serves-elsewhere"],
      },
      {
        text: "another service has the port, or a port forwarding leads to it",
        unless: ["serves-elsewhere", "listed"],
      },
      { text: "a proxy or captive portal answers in the host's place" },
      {
        text: "on the way from this source the address is another machine's (overlapping networks, NAT)",
        only: ["serves-elsewhere"],
      },
    ],
    next: [
      ...GIVEN_STEPS,
      HOST_LISTENS,
      USUAL_PORT,
      OTHER_PORT,
      WHO_ANSWERS,
      {
        where: "dns",
        text: "Correct the port or the target in the SRV record",
        only: ["listed"],
        unless: ["serves-elsewhere"],
      },
    ],
    clientError: "0x800706C0",
  },
  "rpc-malformed": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "garbled RPC answer",
    observed: "The answer of {address} port {port} begins like DCE/RPC and {detail}.",
    causes: [
      {
        text: "the rest of the answer was lost on the way back: a device passes so much of a connection and no more, or the path loses larger packets",
        only: ["cut"],
        unless: ["loopback", "taken-here"],
      },
      {
        text: "the service, or what passes its answer on, stopped in the middle of it, or is slower than the timeout",
        only: ["cut"],
      },
      { text: "a broken or half-built imitation of RPC", unless: ["serves-elsewhere"] },
      { text: "a device on the path changes or cuts the answer" },
    ],
    next: [HOST_SERVICE, PATH_PROTECTS],
    clientError: "0x800706C0",
  },
  "rpc-bind-nak": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "bind refused",
    observed: "{address} port {port} answers the bind with {detail}.",
    causes: [
      ...GIVEN_BY_DNS,
      ...WHY_REFUSED,
      {
        text: "an RPC server that refuses a bind it doesn't like, without saying why: another service, or an imitation of KMS",
        unless: REASONS,
      },
      {
        text: "a device on the path answers in the host's place",
        unless: ["too-busy", "access-denied", "loopback", "taken-here"],
      },
    ],
    next: [...GIVEN_STEPS, RESTART_IF_BUSY, ANONYMOUS, HOST_SERVICE],
    clientError: "0x800706BB",
  },
  "rpc-fault": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "bind met a fault",
    observed: "{address} port {port} answers the bind with a fault: {detail}.",
    causes: [
      ...GIVEN_BY_DNS,
      ...WHY_REFUSED,
      {
        text: "an RPC server that faults on what it doesn't know",
        unless: ["too-busy", "access-denied", "wants-authentication"],
      },
    ],
    next: [...GIVEN_STEPS, RESTART_IF_BUSY, ANONYMOUS, HOST_SERVICE, WHO_ANSWERS],
    clientError: "0x800706BE",
  },
  "rpc-interface-unknown": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "certain",
    title: "RPC, no KMS interface",
    observed: "An RPC server answers at {address} port {port}, and it doesn't know the KMS interface.",
    causes: [
      ...GIVEN_BY_DNS,
      { text: "another RPC service has the port", unless: ["serves-elsewhere"] },
      {
        text: "the KMS service isn't enabled on that machine (no host key installed)",
        unless: ["serves-elsewhere"],
      },
      {
        text: "what answers this source is another machine than what serves the other (overlapping networks, NAT, one backend of several)",
        only: ["serves-elsewhere"],
      },
    ],
    next: [...GIVEN_STEPS, HOST_SERVICE, HOST_LISTENS, USUAL_PORT, WHO_ANSWERS],
    clientError: "0x800706B5",
  },
  "rpc-syntax-refused": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "certain",
    title: "transfer syntax refused",
    observed:
      "The RPC server at {address} port {port} refuses the interface's transfer syntaxes (NDR32 and NDR64).",
    causes: [
      { text: "an imitation of the service that speaks neither", unless: ["serves-elsewhere"] },
      { text: "a device on the path changes what is offered" },
    ],
    next: [HOST_SERVICE, PATH_PROTECTS],
    clientError: "0x800706B5",
  },
  "rpc-accepts-anything": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "inconclusive",
    certainty: "certain",
    title: "accepts any interface",
    observed:
      "{address} port {port} accepts the KMS interface, and accepts an interface that doesn't exist as well: its yes proves nothing.",
    causes: [
      { text: "an imitation that looks at no interface id" },
      { text: "a device that answers every bind" },
    ],
    next: [
      {
        where: "kms-host",
        text: "Find out what runs there, and whether it is permitted",
        command: "netstat -abno | findstr :{port}",
      },
    ],
  },
  "rpc-plain-bind-only": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "only plain bind passes",
    observed:
      "{address} port {port} accepts a plain bind and not the bind that a Windows client sends, which offers three contexts: a client would not be served.",
    causes: [
      { text: "a device on the path reads RPC and dislikes several transfer syntaxes" },
      { text: "the path loses larger packets: 160 bytes of payload against 72" },
      {
        text: "a device passes so many bytes or packets of a connection and no more: what followed the plain bind met silence, too",
        only: ["control-silent"],
      },
      { text: "the first connection was lost to something passing: probe again" },
    ],
    next: [
      PATH_PROTECTS,
      { where: "here", text: "See whether it stays so", command: "kmsprobe check {target} --retries 3" },
    ],
    clientError: "0x800706BA",
    clientWaits: true,
  },
  "rpc-serves": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "ok",
    certainty: "certain",
    certaintyWith: [{ hint: "control-unanswered", certainty: "likely" }],
    title: "serves",
    observed: "{detail}",
    causes: [],
    next: [],
  },
} as const satisfies Record<Extract<VerdictCode, `rpc-${string}`>, Entry>;
