import { expect, it } from "vitest";
import { createOwnMetrics } from "../../../src/serve/own-metrics.ts";
import type { OwnMetrics } from "../../../src/serve/own-metrics.ts";
import { scenes } from "../report/check/scenes.ts";

const LOOK = { place: "hq", target: "corp.example", module: "kms" };

function count(text: string, target: string): string[] {
  return text
    .split("\n")
    .filter((line) => /^kms_(?:rpc_duration_seconds_count|serve_looks_total)/.test(line))
    .filter((line) => line.includes(`target="${target}"`));
}

async function textOf({ durations, process }: OwnMetrics): Promise<string> {
  const others = await process();
  const parts = durations.map(({ write, copy }) => {
    const part = Buffer.alloc(write());
    copy(part, 0);
    return part;
  });
  return Buffer.concat([...parts, others]).toString();
}

it("durations are gathered over all looks at a target, and end with it", async () => {
  const own = createOwnMetrics("0.0.0");
  own.looked(scenes["all-serving"], LOOK);
  own.looked(scenes["all-serving"], LOOK);
  own.looked(scenes["all-serving"], { ...LOOK, target: "other.example" });
  own.failed(LOOK);
  const labels = 'place="hq",target="corp.example",module="kms"';
  const hosts = scenes["all-serving"].requirement.serving;
  expect(count(await textOf(own), "corp.example")).toEqual([
    `kms_rpc_duration_seconds_count{${labels}} ${2 * hosts}`,
    `kms_serve_looks_total{${labels},result="met"} 2`,
    `kms_serve_looks_total{${labels},result="failed"} 1`,
  ]);
  own.forget(LOOK);
  const text = await textOf(own);
  expect(count(text, "corp.example")).toEqual([]);
  expect(count(text, "other.example")).toHaveLength(2);
});
