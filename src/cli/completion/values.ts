/** Values that no option lists: the codes that explain knows, and the interfaces of this machine. */
import os from "node:os";
import { knownCodes } from "../../explain/codes.ts";
import { knownEvents } from "../../explain/events.ts";
import { catalog } from "../../verdict/catalog.ts";
import { findingCatalog } from "../../verdict/findings/catalog.ts";

/** What can be given, and what it is. */
export type Value = readonly [value: string, says: string];

export function codeValues(): Value[] {
  return [
    ...Object.entries(catalog).map(([code, { title }]): Value => [code, title]),
    ...Object.entries(findingCatalog).map(([code, { severity }]): Value => [code, `finding, ${severity}`]),
    ...knownCodes().map(([code, { name }]): Value => [code, name ?? ""]),
    ...knownEvents().map(([id, { side }]): Value => [
      id,
      side === "host" ? "event on a KMS host" : "event on a client",
    ]),
  ];
}

/** Interfaces that have an address, and the addresses. */
export function interfaceValues(): Value[] {
  const found = Object.entries(os.networkInterfaces());
  const values = found.flatMap(([name, addresses = []]): Value[] => [
    [name, addresses.map(({ address }) => address).join(", ")],
    ...addresses.map(({ address }): Value => [address, name]),
  ]);
  // A name may hold anything but a slash and blanks on Linux, and goes to a terminal.
  return values.filter(([value]) => /^[\p{L}\p{N} ._:@()-]+$/u.test(value));
}
