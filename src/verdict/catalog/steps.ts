/** Steps that verdicts of several layers lead to. */
import type { Cause, NextStep } from "./entry.ts";

/** Not for a host that others are served by: it listens, it runs and is licensed. */
export const HOST_LISTENS: NextStep = {
  unless: ["serves-elsewhere", "listens-elsewhere"],
  where: "kms-host",
  text: "See whether the service listens",
  command: "netstat -ano | findstr :{port}",
};

export const HOST_SERVICE: NextStep = {
  unless: ["serves-elsewhere"],
  where: "kms-host",
  text: "See whether this machine is a KMS host at all, and licensed",
  command: "slmgr.vbs /dlv",
};

export const HOST_RUNS: NextStep = {
  unless: ["serves-elsewhere"],
  where: "kms-host",
  text: "See whether the service runs: Software Protection",
  command: "sc.exe query sppsvc",
};

/** A host that lets some in and not others: by the remote addresses of its own rule. */
export const HOST_SCOPE: NextStep = {
  only: ["serves-elsewhere", "listens-elsewhere"],
  where: "kms-host",
  text: "If no firewall on the way stops it: see whether the host's own rule is limited to certain remote addresses",
  command:
    "Get-NetFirewallPortFilter | ? LocalPort -eq {port} | Get-NetFirewallRule | Get-NetFirewallAddressFilter",
};

export const WHO_ANSWERS: NextStep = {
  only: ["serves-elsewhere"],
  where: "here",
  text: "See which way packets take from this source, and compare with the source that is served: networks may overlap",
  command: "ip route get {address} from {source}",
};

export const FORWARDER_HERE: NextStep = {
  where: "here",
  text: "See which program of this machine takes these connections, then probe without it, or from beyond it",
  command: "ss -Hltnp sport = :{takenHere}",
  only: ["taken-here"],
};

export const BALANCER: NextStep = {
  where: "firewall",
  text: "Ask whoever runs the load balancer or forwarder at {address} what it says of its backend: its state, its log at this moment, and whether it puts a PROXY header or TLS in front",
  unless: ["loopback", "taken-here"],
};

/** Causes that go before all others wherever a connection was made and came to nothing. */
export const ACCEPTS_FOR_ALL: readonly Cause[] = [
  {
    text: "a program on this machine takes the connection in the host's name (sshuttle, redsocks, a transparent or preloaded proxy), and beyond it the host refuses, is filtered or isn't there",
    only: ["taken-here"],
  },
  {
    text: "something on the way accepts for every port (a forwarder, a transparent proxy, a SYN proxy, a load balancer), and beyond it the host refuses, is filtered or isn't there",
    only: ["every-port"],
    unless: ["taken-here", "loopback"],
  },
  { text: "it ended after {ended} s, about as long as {limit}", only: ["known-limit"] },
];

export const PATH_PROTECTS: NextStep = {
  where: "firewall",
  unless: ["loopback", "taken-here"],
  text: "Take RPC inspection (ALG, session helper, IPS) off this rule, then probe again",
  command: "permit tcp from {source} to {address} port {port}, without application inspection",
};
