/** Names that Go's crypto/tls has, and exporter-toolkit's format with it, by those of OpenSSL. */

/** TLS 1.2 and earlier. */
const SUITES = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
} as const;

/** TLS 1.3: the same in both. */
const SUITES_13 = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
] as const;

const CURVES = { CurveP256: "P-256", CurveP384: "P-384", CurveP521: "P-521", X25519: "X25519" } as const;

export const SUITE_NAMES = [...keysOf(SUITES), ...SUITES_13] as const;
export const CURVE_NAMES = keysOf(CURVES);

/** Go leaves the suites of TLS 1.3 as they are where none of them is named, and so does this. */
export function ciphersOf(names: readonly (typeof SUITE_NAMES)[number][]): string {
  const modern = SUITES_13.filter((name) => names.includes(name));
  const older = names.flatMap((name) => (isOlder(name) ? [SUITES[name]] : []));
  return [...(modern.length > 0 ? modern : SUITES_13), ...older].join(":");
}

export function curvesOf(names: readonly (typeof CURVE_NAMES)[number][]): string {
  return names.map((name) => CURVES[name]).join(":");
}

function isOlder(name: string): name is keyof typeof SUITES {
  return name in SUITES;
}

function keysOf<Names extends object>(names: Names): (keyof Names)[] {
  const keys: (keyof Names)[] = [];
  for (const name in names) keys.push(name);
  return keys;
}
