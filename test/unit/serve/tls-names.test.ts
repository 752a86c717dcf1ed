import { createSecureContext } from "node:tls";
import { describe, expect, it } from "vitest";
import { ciphersOf, CURVE_NAMES, curvesOf, SUITE_NAMES } from "../../../src/serve/tls-names.ts";

describe("names of Go's crypto/tls", () => {
  it("are those of OpenSSL here, every one of them", () => {
    for (const name of SUITE_NAMES)
      expect(() => createSecureContext({ ciphers: ciphersOf([name]) })).not.toThrow();
    for (const name of CURVE_NAMES)
      expect(() => createSecureContext({ ecdhCurve: curvesOf([name]) })).not.toThrow();
    expect(() => createSecureContext({ ecdhCurve: "P-999" })).toThrow();
  });

  it("leave TLS 1.3 as it is where none of its suites is named", () => {
    const all = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    expect(ciphersOf(["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"])).toBe(`${all}:ECDHE-RSA-AES128-GCM-SHA256`);
    expect(ciphersOf(["TLS_AES_256_GCM_SHA384"])).toBe("TLS_AES_256_GCM_SHA384");
    expect(curvesOf(["X25519", "CurveP256"])).toBe("X25519:P-256");
  });
});
