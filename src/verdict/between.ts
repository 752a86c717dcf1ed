/** What stands between this process and a host, as far as it was seen. */
import type { AttemptEvidence } from "../model/evidence.ts";
import { specialUse } from "../protocol/special-use.ts";
import type { Hint } from "./catalog/entry.ts";

/** What lies between this machine and the address, as far as it strikes or adds causes. */
export function betweenHints({
  address,
  via,
  controlPort,
  takenHere,
  here,
}: Omit<AttemptEvidence, "tcp">): Hint[] {
  const itself = specialUse(address) === "loopback" || via?.address === address;
  // A connection to another machine never leaves over loopback by itself.
  const led = via?.link === "loopback" && !itself;
  return [
    ...(controlPort?.answer === "connected" ? (["every-port"] as const) : []),
    ...(takenHere !== null || led ? (["taken-here"] as const) : []),
    ...(itself ? (["loopback"] as const) : []),
    ...(itself && specialUse(address) !== "loopback" ? (["own-address"] as const) : []),
    ...(via?.link === "user-mode" ? (["user-mode"] as const) : []),
    ...(here?.noCarrier === true ? (["no-carrier"] as const) : []),
    ...(here?.userModeGateway === true ? (["user-mode-gateway"] as const) : []),
    ...(here?.ownBridge === true ? (["own-bridge"] as const) : []),
    ...(here?.ipsecWithoutState === true ? (["ipsec-without-state"] as const) : []),
  ];
}
