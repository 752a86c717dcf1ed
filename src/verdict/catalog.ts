/** Every verdict in words: a table a layer, so that neither a code without words nor words without a code can exist. */
import type { VerdictCode } from "../model/verdict.ts";
import { addressCatalog } from "./catalog/address.ts";
import { rpcCatalog } from "./catalog/rpc.ts";
import { srvCatalog } from "./catalog/srv.ts";
import { tcpCatalog } from "./catalog/tcp.ts";
import { wholeCatalog } from "./catalog/whole.ts";
import type { Entry } from "./catalog/entry.ts";

export const catalog = {
  ...srvCatalog,
  ...addressCatalog,
  ...tcpCatalog,
  ...rpcCatalog,
  ...wholeCatalog,
} satisfies Record<VerdictCode, Entry>;

/** A report or a baseline of a newer version may have codes that this one doesn't know. */
export function isVerdictCode(code: string): code is VerdictCode {
  return Object.hasOwn(catalog, code);
}

export function entryOf(code: VerdictCode): Entry {
  return catalog[code];
}
