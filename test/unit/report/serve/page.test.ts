import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderServePage } from "../../../../src/report/serve/page.tsx";
import { readServeConfig } from "../../../../src/serve/config.ts";
import { scenes } from "../check/scenes.ts";

const BARE = { place: "", file: null, standings: [] };
const LOOK = { target: "corp.example", module: "kms", intervalMs: 60_000 };

function blocksOf(html: string): string[] {
  return Array.from(html.matchAll(/<pre><code>([^]*?)<\/code><\/pre>/g), ([, block = ""]) =>
    block.replaceAll("&quot;", '"'),
  );
}

function refreshOf(html: string): number {
  return Number(/http-equiv="refresh" content="(\d+)"/.exec(html)?.[1]);
}

describe("the exporter's page without anything to look at", () => {
  const [configuration = "", command, scrape = "", ...others] = blocksOf(renderServePage(BARE).html);

  it("leads from a configuration to a scrape, each as it can be copied", () => {
    const { place, targets, allow } = readServeConfig(configuration, "serve.yaml");
    expect(place).toBe("head office");
    expect(targets.map(({ target, intervalMs }) => [target.text, intervalMs])).toEqual([
      ["corp.example", 60_000],
    ]);
    expect(allow).toHaveLength(1);
    expect(command).toBe("kmsprobe serve --config serve.yaml");
    expect(parse(scrape)).toEqual({
      scrape_configs: [
        { job_name: "kmsprobe", scrape_interval: "1m", static_configs: [{ targets: ["localhost:9688"] }] },
      ],
    });
    expect(others).toEqual([]);
  });

  it("says whether there is no configuration, or none with targets", () => {
    expect(renderServePage(BARE).html).toContain("It runs without a configuration: nothing is looked at");
    expect(renderServePage({ ...BARE, file: "serve.yaml" }).html).toContain(
      "Its configuration names no targets",
    );
  });
});

describe("the exporter's page with targets", () => {
  it("has the answer of each look, with its sign", () => {
    const { html } = renderServePage({
      ...BARE,
      file: "serve.yaml",
      standings: [{ ...LOOK, report: scenes.mixed }],
    });
    expect(html).toContain('<span class="badge failed">');
    expect(html).toContain("hosts would serve a client from here");
    expect(html).not.toContain("Next step");
  });

  it("is loaded again in seconds as long as a first look is awaited", () => {
    const seen = { ...LOOK, report: scenes.mixed };
    const awaited = { ...LOOK, module: "branch", report: null };
    expect(refreshOf(renderServePage({ ...BARE, standings: [seen, awaited] }).html)).toBe(5);
    expect(refreshOf(renderServePage({ ...BARE, standings: [seen] }).html)).toBe(30);
    expect(refreshOf(renderServePage(BARE).html)).toBe(30);
  });
});
