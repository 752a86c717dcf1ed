/** Tables end their lines alike, in colour or not. */
import { expect, it } from "vitest";
import { plainTable, tableLines } from "../../../src/report/table.ts";

const DIM = (text: string): string => `\u001b[2m${text}\u001b[22m`;
// eslint-disable-next-line no-control-regex
const SGR = /\u001b\[\d+m/g;

it("a cell of two lines leaves no blanks behind it, whatever colours them", () => {
  const [plain, coloured] = [(text: string) => text, DIM].map((style) => {
    const table = plainTable(["HOST", "SEEN FROM"].map(style), ["left", "left"]);
    table.push([style("kms1\n "), style("")]);
    return tableLines(table);
  });
  expect(plain).toEqual(["HOST  SEEN FROM", "kms1", ""]);
  expect(coloured?.map((line) => line.replace(SGR, ""))).toEqual(plain);
});
