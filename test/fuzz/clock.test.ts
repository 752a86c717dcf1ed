import { describe, expect, test } from "vitest";
import { isPlausible } from "../../src/protocol/calendar.ts";
import * as http from "../../src/protocol/http-date.ts";
import * as smb2 from "../../src/protocol/smb2.ts";
import * as sntp from "../../src/protocol/sntp.ts";
import { seedsOf } from "./corpus.ts";
import { fuzz, holds } from "./fuzz.ts";

/** 22 November 2026: what years of two digits and NTP's eras are read around. */
const AROUND_MS = 1_795_305_600_000;

const COOKIE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

type Fault = { at: number; what: string };

/** Each decoder: the folder of its seeds, whether the bytes hold a clock, and what must hold for any bytes. */
const DECODERS: { folder: string; decodes: (bytes: Uint8Array) => boolean; alphabet?: string }[] = [
  {
    folder: "smb2",
    decodes(bytes) {
      const framing = smb2.frame(bytes);
      if (framing.state === "whole") {
        holds(framing.length >= 68 && framing.length <= smb2.MAX_ANSWER, "a length within its limits");
        holds(framing.length <= bytes.length, "nothing is whole that is not there");
      }
      const decoded = smb2.decodeNegotiateResponse(bytes);
      if (!decoded.ok) return fails(decoded.fault, bytes);
      if (decoded.value.kind === "time") holds(isPlausible(decoded.value.unixMs), "a plausible time");
      return framing.state === "whole";
    },
  },
  {
    folder: "sntp",
    decodes(bytes) {
      const decoded = sntp.decodeReply(bytes, COOKIE, AROUND_MS);
      if (!decoded.ok) return fails(decoded.fault, bytes);
      const { value } = decoded;
      if (value.kind === "kiss")
        holds(value.code === null || /^[A-Z]{4}$/.test(value.code), "a registered code");
      else {
        const half = 2 ** 31 * 1000 + 1000;
        for (const ms of [value.receivedMs, value.sentMs])
          holds(Math.abs(ms - AROUND_MS) <= half, "the nearest era");
        holds(value.resolutionMs > 0 && value.resolutionMs <= 64_000, "a resolution");
      }
      return true;
    },
  },
  {
    folder: "http-date",
    alphabet: "aeDGMTS019:, -\r\n",
    decodes(bytes) {
      const framing = http.frame(bytes);
      if (framing.state === "whole")
        holds(framing.length <= bytes.length, "nothing is whole that is not there");
      const decoded = http.decodeDateResponse(bytes, AROUND_MS);
      if (!decoded.ok) return fails(decoded.fault, bytes);
      holds(decoded.value.status >= 1 && decoded.value.status <= 999, "a status of three digits");
      if (decoded.value.kind === "time") holds(isPlausible(decoded.value.unixMs), "a plausible time");
      return framing.state === "whole";
    },
  },
];

describe.each(DECODERS)("$folder", ({ folder, decodes, alphabet }) => {
  const seeds = seedsOf(folder);

  test.each(seeds.filter((seed) => seed.class !== "edge"))("$name is what its folder says", (seed) => {
    expect(decodes(seed.bytes)).toBe(seed.class === "valid");
  });

  test("any bytes are decoded without throwing, in bounded time, with faults inside them", () => {
    fuzz(
      folder,
      seeds.map(({ bytes }) => bytes),
      decodes,
      { alphabet },
    );
  });
});

function fails(fault: Fault, bytes: Uint8Array): false {
  holds(fault.at >= 0 && fault.at <= bytes.length, "a fault inside the bytes");
  holds(/^[\w ,.':;()/-]+$/.test(fault.what), "a fault in our own words");
  return false;
}
