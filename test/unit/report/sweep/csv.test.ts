import { describe, expect, it } from "vitest";
import { renderSweepCsv } from "../../../../src/report/sweep/csv.ts";
import { assemble } from "../../../../src/sweep/assemble.ts";
import type { SweepLine } from "../../../../src/sweep/model.ts";
import { end, line, measured, middlebox, net, permitted, published, start } from "../../sweep/builders.ts";
import { parseCsv } from "../rfc4180.ts";

function rowsOf(...lines: SweepLine[]): Record<string, string>[] {
  const [header = [], ...rows] = parseCsv(renderSweepCsv(assemble([start(), ...lines])));
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}

describe("the CSV of a sweep", () => {
  it("has its header where there is nothing else", () => {
    expect(renderSweepCsv(assemble([start()]))).toBe(
      "kind,address,port,names,verdict,serves,certainty,tcp_ms,bind_ms,fingerprint,published,permitted,subnet,accepted,silent,tried,observed\r\n",
    );
  });

  it("has a row for each host, with medians of its quiet figures", () => {
    const rows = rowsOf(
      line("10.1.0.1", "rpc-serves", { names: ["kms1.corp.example", "kms.corp.example"] }),
      line("10.1.0.2", "rpc-closed", { port: 1700 }),
      measured("10.1.0.1"),
      end([], {
        published: [published({ "kms1.corp.example": ["10.1.0.1"] })],
        permitted: [permitted("10.9.0.0/16")],
      }),
    );
    expect(rows).toMatchObject([
      {
        kind: "host",
        address: "10.1.0.1",
        port: "1688",
        names: "kms.corp.example kms1.corp.example",
        verdict: "rpc-serves",
        serves: "true",
        tcp_ms: "1.000",
        bind_ms: "2.500",
        fingerprint: "samba",
        published: "true",
        permitted: "false",
        accepted: "",
      },
      { address: "10.1.0.2", port: "1700", serves: "false", tcp_ms: "", published: "", permitted: "" },
    ]);
  });

  it("has a row for each middlebox, with its ranges", () => {
    const rows = rowsOf(
      middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.9", "10.1.3.11-10.1.3.21"], 20, { silent: 1, tried: 21 }),
      end([net("10.1.3.0/24", { "rpc-closed": 20, "tcp-no-answer": 1 })]),
    );
    expect(rows).toMatchObject([
      {
        kind: "middlebox",
        address: "10.1.3.1-10.1.3.9 10.1.3.11-10.1.3.21",
        port: "1688",
        verdict: "rpc-closed",
        serves: "",
        subnet: "10.1.3.0/24",
        accepted: "20",
        silent: "1",
        tried: "21",
      },
    ]);
  });

  it("defuses what a spreadsheet would compute", () => {
    const [row] = rowsOf(line("10.1.0.1", "rpc-closed", { names: ["=cmd|' /C calc'!A0"] }));
    expect(row?.["names"]).toBe("'=cmd|' /C calc'!A0");
  });
});
