import { describe, expect, it } from "vitest";
import { hindrance, readWebConfig } from "../../../src/serve/web-config.ts";
import type { WebConfig } from "../../../src/serve/web-config.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

const HASH = `$2y$10$${"a".repeat(53)}`;

const PEM = String.raw`-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n`;

function complaint(text: string): string {
  try {
    readWebConfig(text, "web.yml");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "none";
}

describe("web.yml", () => {
  it("holds users and their hashes, and headers", () => {
    const config = readWebConfig(
      `basic_auth_users: { prometheus: "${HASH}" }\nhttp_server_config: { headers: { X-Frame-Options: deny } }\n`,
      "web.yml",
    );
    expect(config).toEqual({
      tls: null,
      sans: null,
      users: new Map([["prometheus", HASH]]),
      headers: { "X-Frame-Options": "deny" },
    });
  });

  it.each([
    ["{}\n", /^web\.yml:1:1: it protects nothing/],
    ["tls_server_config:\n  cert_file: a.pem\n", /^web\.yml:2:3: 'key_file' is missing here$/],
    [
      "tls_server_config: { cert_file: /nosuch/a.pem, key_file: /nosuch/b.pem }\n",
      /^web\.yml:1:22: can't read \/nosuch\/a\.pem \(ENOENT\)$/,
    ],
    [
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  client_auth_type: RequireAndVerifyClientCert\n",
      /^web\.yml:4:3: RequireAndVerifyClientCert needs client_ca_file/,
    ],
    [
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  min_version: TLS13\n  max_version: TLS12\n",
      /^web\.yml:4:3: TLS13 is above max_version TLS12/,
    ],
    [
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  min_version: tls12\n",
      /^web\.yml:4:16: 'tls12' is none of TLS10, TLS11, TLS12, TLS13/,
    ],
    [
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
      /^web\.yml:4:19: .*TLS_RSA_WITH_RC4_128_SHA/,
    ],
    [
      `tls_server_config:\n  cert: "${PEM}"\n  cert_file: a\n  key_file: b\n`,
      /^web\.yml:2:3: there is cert_file as well: leave one of them$/,
    ],
    ["tls_server_config:\n  cert: a.pem\n  key_file: b\n", /^web\.yml:2:9: write PEM/],
    [
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  client_allowed_sans: [a.test]\n",
      /^web\.yml:4:3: it protects nothing without client_auth_type/,
    ],
    ["rate_limit: { interval: 1s }\n", /^web\.yml:1:1: there is no key 'rate_limit' here/],
    ["basic_auth_users:\n  joe: secret\n", /^web\.yml:2:8: write a bcrypt hash/],
    [
      "tls_server_confg: {}\n",
      /^web\.yml:1:1: there is no key 'tls_server_confg' here: did you mean 'tls_server_config'\?/,
    ],
  ])("is refused with its line: %j", (text, words) => {
    expect(complaint(text)).toMatch(words);
  });

  it("never shows a hash or a password", () => {
    expect(complaint("basic_auth_users:\n  joe: hunter2-hunter2\n")).not.toContain("hunter2");
  });

  it("is taken at a reload only where it protects no less", () => {
    const open: WebConfig = { tls: null, sans: null, users: new Map([["a", HASH]]), headers: {} };
    const tls: WebConfig = {
      tls: { rejectUnauthorized: false },
      sans: null,
      users: new Map(),
      headers: {},
    };
    const modern: WebConfig = { ...tls, tls: { rejectUnauthorized: false, minVersion: "TLSv1.3" } };
    const less = "it would protect less than before: restart for that";
    expect(hindrance(open, tls)).toBe(less);
    expect(hindrance(null, tls)).toBe(less);
    expect(hindrance(tls, modern)).toBe(less);
    expect(hindrance({ ...open, users: new Map() }, open)).toBe(less);
    expect(hindrance(tls, { ...tls, sans: ["prometheus.test"] })).toBe(less);
    expect(hindrance({ ...tls, sans: ["a.test"] }, { ...tls, sans: ["b.test"] })).toBeNull();
    expect(hindrance(modern, tls)).toBeNull();
    expect(hindrance({ ...open, users: new Map([["b", HASH]]) }, open)).toBeNull();
    expect(hindrance(null, null)).toBeNull();
  });

  it("can't make a socket that listens ask for what it did not ask for at its start", () => {
    const open: WebConfig = { tls: null, sans: null, users: new Map([["a", HASH]]), headers: {} };
    const tls: WebConfig = { ...open, tls: { requestCert: false, rejectUnauthorized: false } };
    const mutual: WebConfig = { ...open, tls: { requestCert: true, rejectUnauthorized: true } };
    expect(hindrance(mutual, tls)).toBe("client_auth_type takes effect at a start only: restart for that");
    expect(hindrance(tls, mutual)).toBe("client_auth_type takes effect at a start only: restart for that");
    expect(hindrance(tls, open)).toBe("TLS takes effect at a start only: restart for that");
  });
});
