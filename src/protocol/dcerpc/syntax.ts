import { concat, Writer } from "../bytes.ts";
import { uuidBytes } from "../uuid.ts";

/** A p_syntax_id_t: 16 bytes of UUID and a version of two u16 (C706 12.6.3.1). */
export type SyntaxId = { uuid: string; major: number; minor: number };

/** The KMS interface; the version is that of every published listing of sppsvc. */
export const KMS_INTERFACE: SyntaxId = { uuid: "51c82175-844e-4750-b0d8-ec255555bc06", major: 1, minor: 0 };

/** The KMS interface in a version that nobody has: a server that looks at versions rejects it. */
export const KMS_OTHER_VERSION: SyntaxId = { ...KMS_INTERFACE, major: 9 };

/** An interface nobody has: the control. A random UUID (version 4), made for this and used nowhere else. */
export const DECOY_INTERFACE: SyntaxId = { uuid: "d7a5bc1e-3c0f-4f7e-9a52-6e1b8f0c4d93", major: 1, minor: 0 };

export const NDR32: SyntaxId = { uuid: "8a885d04-1ceb-11c9-9fe8-08002b104860", major: 2, minor: 0 };

/** MS-RPCE 2.2.4.12. */
export const NDR64: SyntaxId = { uuid: "71710533-beba-4937-8319-b5dbef9ccc36", major: 1, minor: 0 };

/** Bind-time feature negotiation, offering both known bits (MS-RPCE 2.2.2.14): 0x01 and 0x02. */
export const BTFN: SyntaxId = { uuid: "6cb71c2c-9812-4540-0300-000000000000", major: 1, minor: 0 };

export const SYNTAX_LENGTH = 20;

/** Few syntaxes, offered thousands of times. */
const encoded = new WeakMap<SyntaxId, Uint8Array>();

/** @returns shared bytes: to be copied from, not written to */
export function syntaxBytes(syntax: SyntaxId): Uint8Array {
  const known = encoded.get(syntax);
  if (known) return known;
  const version = new Writer(4).u16(syntax.major).u16(syntax.minor).done();
  const bytes = concat([uuidBytes(syntax.uuid), version]);
  encoded.set(syntax, bytes);
  return bytes;
}
