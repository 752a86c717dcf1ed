import { describe, expect, it } from "vitest";
import { renderCsv } from "../../../../src/report/check/csv.ts";
import {
  addresses,
  connected,
  denies,
  domain,
  endpoint,
  isServing,
  list,
  listed,
  says,
  serving,
  zone,
} from "../../verdict/builders.ts";
import { parseCsv } from "../rfc4180.ts";
import { reportOf } from "./scenes.ts";

const NAMES =
  "target,source,host,port,priority,weight,address,source_address,source_interface,tcp_ms,rpc_ms,first_pick,verdict,serves,certainty,endpoint_verdict,endpoint_serves,observed";

function cellsOf(host: string): string[] {
  const evidence = list([endpoint([connected(serving())], { endpoint: { host, port: 1688 } })]);
  return parseCsv(renderCsv(reportOf([evidence])))[1] ?? [];
}

describe("the strict reader that these tests trust", () => {
  it.each([
    ["", []],
    ["a,b\r\n", [["a", "b"]]],
    [",\r\n", [["", ""]]],
    [
      '"a,""b""\r\n",c\r\nd,e\r\n',
      [
        ['a,"b"\r\n', "c"],
        ["d", "e"],
      ],
    ],
  ])("reads %j", (text, records) => {
    expect(parseCsv(text)).toEqual(records);
  });

  it.each(["a,b", "a\nb\r\n", 'a"b\r\n', '"a\r\n', '"a"b\r\n', "a\rb\r\n"])("throws on %j", (text) => {
    expect(() => parseCsv(text)).toThrow(/^record 1: /);
  });
});

describe("the CSV report", () => {
  it("has a header, and CRLF after every record", () => {
    const lines = renderCsv(reportOf([zone([listed(1, isServing)])])).split("\r\n");
    expect(lines).toEqual([
      NAMES,
      'corp.example,,kms1.corp.example,1688,0,0,10.1.0.1,10.8.0.6,tun0,2.250,1.000,1.0000,rpc-serves,true,certain,rpc-serves,true,"10.1.0.1:1688 accepted the KMS interface, and an unknown interface UUID was rejected."',
      "",
    ]);
  });

  it("has its header where there is nothing else", () => {
    expect(renderCsv(reportOf([]))).toBe(`${NAMES}\r\n`);
  });

  it("says of a domain without hosts what was said of it, and from which source", () => {
    const nothing = { ...domain([says(denies("NXDOMAIN"))], []), source: "wg0" };
    const [, row] = parseCsv(renderCsv(reportOf([nothing])));
    expect(row?.slice(0, 3)).toEqual(["corp.example", "wg0", ""]);
    expect(row?.slice(12, 17)).toEqual(["srv-nxdomain", "false", "certain", "", ""]);
  });

  it("names a given list as such, without priority, weight and chance", () => {
    expect(cellsOf("kms1.corp.example").slice(0, 12)).toEqual([
      "list",
      "",
      "kms1.corp.example",
      "1688",
      "",
      "",
      "10.1.0.1",
      "10.8.0.6",
      "tun0",
      "2.250",
      "1.000",
      "",
    ]);
  });

  it("leaves empty what a host without address has not", () => {
    const none = endpoint([], { address: addresses([], { validName: false }) });
    const [, row] = parseCsv(renderCsv(reportOf([zone([none])])));
    expect(row?.slice(6, 17)).toEqual([
      "",
      "",
      "",
      "",
      "",
      "1.0000",
      "address-invalid-target",
      "false",
      "likely",
      "address-invalid-target",
      "false",
    ]);
  });

  it.each([
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(1)", "'@SUM(1)"],
    ["＝1", "'＝1"],
    ["\t=1", "\\u{9}=1"],
    ["\r=1", "\\u{d}=1"],
    ['a"b', 'a"b'],
    ["a,b", "a,b"],
    ["a\r\nb", "a\\u{d}\\u{a}b"],
  ])("shows the host %j as %j", (host, cell) => {
    expect(cellsOf(host)[2]).toBe(cell);
  });
});
