/** The lab of `kmsprobe demo` listens on loopback, where anybody may send it anything. */
import { describe, test } from "vitest";
import { decodeQuery } from "../../src/demo/dns-query.ts";
import { decodeClientPdu } from "../../src/demo/rpc-answers.ts";
import {
  encodeAlterContext,
  encodeBind,
  PLAIN_CONTEXTS,
  WINDOWS_CONTEXTS,
} from "../../src/protocol/dcerpc/bind.ts";
import { encodeQuery } from "../../src/protocol/dns/query.ts";
import { seedsOf } from "./corpus.ts";
import { fuzz, holds } from "./fuzz.ts";

describe("what clients send", () => {
  test("any bytes are read as a DNS query without throwing, in bounded time", () => {
    const queries = [true, false].map((edns) =>
      encodeQuery({ name: "_vlmcs._tcp.corp.test", type: "SRV" }, 1, edns),
    );
    fuzz(
      "decodeQuery",
      [
        ...queries,
        ...seedsOf("dns")
          .filter((seed) => seed.class === "edge")
          .map(({ bytes }) => bytes),
      ],
      (bytes) => {
        const decoded = decodeQuery(bytes);
        if (!decoded.ok) {
          holds(decoded.fault.at <= bytes.length, "a fault inside the bytes");
          return false;
        }
        const { question, edns } = decoded.value;
        holds(question.bytes.length >= 5 && question.bytes.length <= 259, "a question that came");
        holds(edns === null || (edns.version >= 0 && edns.version <= 255), "an EDNS version of one byte");
        return true;
      },
    );
  });

  test("any bytes are read as a client's PDU without throwing, in bounded time", () => {
    const pdus = [
      encodeBind(WINDOWS_CONTEXTS, 1),
      encodeBind(PLAIN_CONTEXTS, 1),
      encodeAlterContext(PLAIN_CONTEXTS, 2, 3),
    ];
    fuzz("decodeClientPdu", [...pdus, ...seedsOf("dcerpc").map(({ bytes }) => bytes)], (bytes) => {
      const decoded = decodeClientPdu(bytes);
      if (!decoded.ok) {
        holds(decoded.fault.at <= bytes.length, "a fault inside the bytes");
        return false;
      }
      if (decoded.value.kind === "offer") {
        const { contexts } = decoded.value;
        const transfers = contexts.reduce((sum, context) => sum + context.transfers.length, 0);
        holds(28 + 24 * contexts.length + 20 * transfers <= bytes.length, "contexts that came");
      }
      return true;
    });
  });
});
