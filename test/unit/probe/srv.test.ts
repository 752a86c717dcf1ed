import { expect, test } from "vitest";
import { denialOf } from "../../../src/probe/srv.ts";
import type { DnsResponse } from "../../../src/protocol/dns/response.ts";

const response = (rcode: string): DnsResponse => ({
  id: 1,
  isResponse: true,
  authoritative: false,
  recursionAvailable: true,
  soa: null,
  referral: null,
  policy: null,
  zone: null,
  opt: null,
  answerCount: 0,
  question: null,
  truncated: false,
  rcode,
  answers: [],
  additionals: [],
  dropped: 0,
});

test.each([
  ["NOERROR", true, null],
  ["NOERROR", false, { rcode: "NOERROR", nodata: true, chain: null }],
  ["NXDOMAIN", false, { rcode: "NXDOMAIN", nodata: false, chain: null }],
  ["SERVFAIL", true, { rcode: "SERVFAIL", nodata: false, chain: null }],
])("%s with a record (%s) is the denial %j", (rcode, found, denial) => {
  expect(denialOf(response(rcode), found, [])).toEqual(denial);
});
