import { describe, expect, test } from "vitest";
import { encodeBind, WINDOWS_CONTEXTS } from "../../src/protocol/dcerpc/bind.ts";
import { guessProtocol } from "../../src/protocol/guess.ts";
import { seedsOf } from "./corpus.ts";
import { fuzz, holds } from "./fuzz.ts";

const SENT = encodeBind(WINDOWS_CONTEXTS, 1);

const GUESSES = new Set<string>([
  "http",
  "tls",
  "ssh",
  "smtp-or-ftp",
  "smb",
  "rdp",
  "telnet",
  "mysql",
  "echo",
  "text",
  "dcerpc",
  "unknown",
]);

const seeds = seedsOf("guess");

describe("guesses", () => {
  test.each(seeds.filter((seed) => seed.class !== "edge"))("$name is what its folder says", (seed) => {
    expect(guessProtocol(seed.bytes, SENT) === "unknown").toBe(seed.class === "malformed");
  });

  test("any bytes get one of the guesses, without throwing and in bounded time", () => {
    fuzz("guessProtocol", [SENT, ...seeds.map(({ bytes }) => bytes)], (bytes) => {
      const guess = guessProtocol(bytes, SENT);
      holds(GUESSES.has(guess), "a guess from the list");
      if (guess === "echo")
        holds(bytes.length > 2 && bytes.length <= SENT.length, "an echo of what was sent");
      if (guess !== "unknown") holds(bytes.length > 0, "nothing is not guessed at");
      return guess !== "unknown";
    });
  });
});
