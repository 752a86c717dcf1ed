/**
 * TLS and passwords, in the format of Prometheus' exporter-toolkit: read at the start and at a reload, whole or not at
 * all. Unlike there, a file that protects nothing is refused, and a reload never leaves less protection than before.
 */
import { constants, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ServerOptions } from "node:https";
import path from "node:path";
import { createSecureContext } from "node:tls";
import type { SecureVersion } from "node:tls";
import { z } from "zod";
import { show } from "../targets/parse.ts";
import type { UsageError } from "../targets/usage-error.ts";
import { positionOf, positionOfKey } from "../verify/positions.ts";
import { checkedBy, mistaken, parsedYaml } from "../verify/yaml-file.ts";
import { ciphersOf, CURVE_NAMES, curvesOf, SUITE_NAMES } from "./tls-names.ts";

export type WebConfig = {
  tls: ServerOptions | null;
  /** Names of which a client's certificate must have one; null for any that is signed by whom it should be. */
  sans: readonly string[] | null;
  /** Name to bcrypt hash. */
  users: ReadonlyMap<string, string>;
  headers: Readonly<Record<string, string>>;
};

const VERSIONS = {
  TLS10: "TLSv1",
  TLS11: "TLSv1.1",
  TLS12: "TLSv1.2",
  TLS13: "TLSv1.3",
} as const satisfies Record<string, SecureVersion>;
const version = z.enum(["TLS10", "TLS11", "TLS12", "TLS13"]);
const CLIENTS = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

const file = z.string().min(1);
const pemText = z
  .string()
  .regex(/-----BEGIN [A-Z ]+-----/, { error: () => "write PEM, or the name of a file under …_file" });
const schema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert: pemText.optional(),
      key: pemText.optional(),
      client_ca: pemText.optional(),
      cert_file: file.optional(),
      key_file: file.optional(),
      client_auth_type: z.enum(CLIENTS).optional(),
      client_ca_file: file.optional(),
      client_allowed_sans: z.array(z.string().min(1)).min(1).optional(),
      min_version: version.optional(),
      max_version: version.optional(),
      cipher_suites: z.array(z.enum(SUITE_NAMES)).min(1).optional(),
      curve_preferences: z.array(z.enum(CURVE_NAMES)).min(1).optional(),
      prefer_server_cipher_suites: z.boolean().optional(),
    })
    .optional(),
  http_server_config: z
    .strictObject({
      http2: z.boolean().optional(),
      headers: z
        .strictObject({
          "Strict-Transport-Security": z.string().optional(),
          "X-Frame-Options": z.enum(["deny", "sameorigin"]).optional(),
          "X-Content-Type-Options": z.enum(["nosniff"]).optional(),
          "X-XSS-Protection": z.string().optional(),
          "Content-Security-Policy": z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  basic_auth_users: z
    .record(
      z
        .string()
        .min(1)
        .regex(/^[^:]*$/, { error: () => "a user's name has no colon" }),
      z.string().regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, {
        error: () => "write a bcrypt hash, as htpasswd -nBC 10 '' makes it ($2a$, $2b$ or $2y$)",
      }),
    )
    .optional(),
});

const TLS = "tls_server_config";
const KIND = "web configuration";

/** @throws UsageError with the file, line and column of each mistake */
export function readWebConfig(content: string, name: string): WebConfig {
  const located = parsedYaml(content, name, KIND);
  const written = checkedBy(schema, located, name, KIND);
  const users = new Map(Object.entries(written.basic_auth_users ?? {}));
  const complain = (keys: string[], message: string): UsageError => {
    const at =
      keys.length > 1
        ? positionOfKey(located, keys.slice(0, -1), keys.at(-1) ?? "")
        : positionOf(located, keys);
    return mistaken(name, [{ at, message }]);
  };
  const { tls_server_config: wanted } = written;
  if (wanted === undefined && users.size === 0)
    throw complain(
      [],
      "it protects nothing: name tls_server_config or basic_auth_users, or leave the option out",
    );
  const headers = Object.fromEntries(
    Object.entries(written.http_server_config?.headers ?? {}).flatMap(([header, value]) =>
      value === undefined ? [] : [[header, value]],
    ),
  );
  if (wanted === undefined) return { tls: null, sans: null, users, headers };
  /** In the file itself, or in one that it names. */
  const given = (key: "cert" | "key" | "client_ca"): Buffer | null => {
    const from = wanted[`${key}_file`];
    const inline = wanted[key];
    if (inline !== undefined && from !== undefined)
      throw complain([TLS, key], `there is ${key}_file as well: leave one of them`);
    if (inline !== undefined) return Buffer.from(inline);
    if (from === undefined) return null;
    try {
      return readFileSync(path.resolve(path.dirname(name), from));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      throw complain([TLS, `${key}_file`], `can't read ${show(from)} (${code})`);
    }
  };
  for (const key of ["cert", "key"] as const)
    if (wanted[key] === undefined && wanted[`${key}_file`] === undefined)
      throw complain([TLS], `'${key}_file' is missing here`);
  const type = wanted.client_auth_type ?? "NoClientCert";
  const verifies = type === "VerifyClientCertIfGiven" || type === "RequireAndVerifyClientCert";
  const authority = wanted.client_ca === undefined ? "client_ca_file" : "client_ca";
  const named = wanted[authority] !== undefined;
  if (verifies && !named)
    throw complain([TLS, "client_auth_type"], `${type} needs client_ca_file: who signs the clients?`);
  if (type !== "RequireAndVerifyClientCert" && wanted.client_allowed_sans !== undefined)
    throw complain(
      [TLS, "client_allowed_sans"],
      "it protects nothing without client_auth_type: write RequireAndVerifyClientCert",
    );
  if (type === "NoClientCert" && named)
    throw complain(
      [TLS, authority],
      "it does nothing without client_auth_type: write RequireAndVerifyClientCert",
    );
  if (type === "RequireAnyClientCert" || type === "VerifyClientCertIfGiven")
    throw complain(
      [TLS, "client_auth_type"],
      `${type} lets in whom nobody vouches for: write RequireAndVerifyClientCert`,
    );
  const least = wanted.min_version ?? "TLS12";
  const most = wanted.max_version ?? "TLS13";
  if (least > most)
    throw complain([TLS, "min_version"], `${least} is above max_version ${most}: nobody could connect`);
  // OpenSSL takes a file without any for a list of nobody, and then lets nobody in.
  const authorities = given("client_ca");
  if (authorities !== null && !holdsCertificate(authorities))
    throw complain(
      [TLS, authority],
      authority === "client_ca"
        ? "it holds no certificate (PEM)"
        : `${show(wanted.client_ca_file ?? "")} holds no certificate (PEM)`,
    );
  const tls: ServerOptions = {
    cert: given("cert") ?? "",
    key: given("key") ?? "",
    ...(authorities === null ? {} : { ca: authorities }),
    requestCert: type !== "NoClientCert",
    // A session that is taken up again is asked for no certificate: one that has expired since, or whose authority is gone by
    // a reload, would still let in.
    ...(verifies ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
    rejectUnauthorized: verifies,
    minVersion: VERSIONS[least],
    maxVersion: VERSIONS[most],
    honorCipherOrder: wanted.prefer_server_cipher_suites ?? true,
    ...(wanted.cipher_suites === undefined ? {} : { ciphers: ciphersOf(wanted.cipher_suites) }),
    ...(wanted.curve_preferences === undefined ? {} : { ecdhCurve: curvesOf(wanted.curve_preferences) }),
  };
  try {
    createSecureContext(tls);
  } catch (error) {
    const words = error instanceof Error ? show(error.message) : "unreadable";
    throw complain(
      [TLS, wanted.cert === undefined ? "cert_file" : "cert"],
      `the certificate and its key are no pair that TLS takes: ${words}`,
    );
  }
  return { tls, sans: wanted.client_allowed_sans ?? null, users, headers };
}

function holdsCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem).subject !== null;
  } catch {
    return false;
  }
}

/** Why a reload can't go from one to the other, or null. */
export function hindrance(next: WebConfig | null, before: WebConfig | null): string | null {
  if (before === null) return null;
  const less = "it would protect less than before: restart for that";
  if (next === null || (before.users.size > 0 && next.users.size === 0)) return less;
  if (before.tls !== null && next.tls === null) return less;
  if (before.tls === null && next.tls !== null) return "TLS takes effect at a start only: restart for that";
  if (levelOf(next) < levelOf(before)) return less;
  if (before.sans !== null && next.sans === null) return less;
  // The socket that listens keeps asking for certificates, or not, as at its start.
  const [asked, asks] = [before, next].map(({ tls }) => `${tls?.requestCert} ${tls?.rejectUnauthorized}`);
  return asked === asks ? null : "client_auth_type takes effect at a start only: restart for that";
}

function levelOf({ tls }: WebConfig): number {
  return Object.values(VERSIONS).findIndex((each) => each === tls?.minVersion);
}
