import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderHtml } from "../../src/report/page/check-page.tsx";
import { renderVerifyHtml } from "../../src/report/page/page.tsx";
import { scenes } from "../unit/report/check/scenes.ts";
import { largeVerification } from "../unit/report/verify/large.ts";
import { verifyScenes } from "../unit/report/verify/scenes.ts";
import { needs, programPath, SYSTEM_PYTHON } from "./servers/available.ts";

const run = promisify(execFile);

const PAGES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(verifyScenes).map(([name, scene]) => [name, renderVerifyHtml(scene)])),
  large: renderVerifyHtml(largeVerification((index) => index % 50 === 0)),
  ...Object.fromEntries(Object.entries(scenes).map(([name, scene]) => [`check-${name}`, renderHtml(scene)])),
};
const NAMES = Object.keys(PAGES);

const WIDTHS = [1280, 390] as const;
const SCHEMES = ["light", "dark"] as const;

/** No word to the outside: neither the browser's own, nor any that a page could ask for. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-html-"));
  for (const [name, html] of Object.entries(PAGES)) await writeFile(join(folder, `${name}.html`), html);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.skipIf(needs("html5lib").skip)("the pages, by the rules of the HTML standard", () => {
  it.each(NAMES)("%s is parsed without one error", async (name) => {
    const program =
      "import html5lib, sys\n" +
      "html5lib.HTMLParser(strict=True).parse(open(sys.argv[1], encoding='utf-8').read())";
    await run(SYSTEM_PYTHON, ["-c", program, join(folder, `${name}.html`)]);
  });
});

describe.skipIf(needs("chromium").skip)("the pages in a browser", () => {
  let browser: Browser;
  /** One tab for all that axe looks at, and one for the rest: each new one would be a process of its own. */
  let forAxe: Tab;
  let tab: Tab;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: programPath("chromium"), args: QUIET });
    // The page's own policy would not let axe in.
    forAxe = await openTab(browser, { bypassCSP: true });
    tab = await openTab(browser, {});
  });

  afterAll(async () => {
    await browser.close();
  });

  const views = SCHEMES.flatMap((colorScheme) => WIDTHS.map((width) => ({ colorScheme, width })));

  describe.each(NAMES)("%s", (name) => {
    // Twenty seconds a view for the large page, which is of the same elements as the others.
    it.each(name === "large" ? views.slice(0, 1) : views)(
      "breaks no rule of axe, $colorScheme, $width pixels wide",
      async (view) => {
        const { page } = await forAxe.show(name, view);
        await page.evaluate(unfold);
        await page.evaluate(axe.source);
        expect(await page.evaluate(violations)).toEqual([]);
      },
      120_000,
    );

    it.each(WIDTHS)("does not scroll sideways at %i pixels, folded or not", async (width) => {
      const { page } = await tab.show(name, { width });
      expect(await page.evaluate(SIDEWAYS)).toBeLessThanOrEqual(width);
      await page.evaluate(unfold);
      expect(await page.evaluate(SIDEWAYS)).toBeLessThanOrEqual(width);
    });

    it("keeps its own policy: nothing is blocked, asked for, or said", async () => {
      const { page, heard } = await tab.show(name, {});
      // Styled at all: a stale hash would block the stylesheet.
      expect(await page.evaluate(STYLED)).toBe("grid");
      expect(await page.evaluate("window.pwned")).toBeUndefined();
      expect(await page.evaluate(`document.scripts.length`)).toBe(0);
      expect(heard).toEqual([]);
    });
  });

  it("is walked with the keyboard: the skip link first, and folds open with Enter", async () => {
    const { page } = await tab.show("everything", {});
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    expect(await page.evaluate("document.activeElement.getBoundingClientRect().top")).toBeGreaterThanOrEqual(
      0,
    );
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    // The table of hosts scrolls for itself.
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("region");
    await page.keyboard.press("Tab");
    const opened = "document.activeElement.closest('details').open";
    expect(await page.evaluate("document.activeElement.localName")).toBe("summary");
    expect(await page.evaluate(opened)).toBe(true);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(opened)).toBe(false);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(opened)).toBe(true);
  });

  it("opens the evidence that a link leads to", async () => {
    const { page } = await tab.show("everything", {});
    const shown = "document.querySelector('#evidence-0').checkVisibility({ contentVisibilityAuto: true })";
    await page.getByRole("link", { name: "evidence of kms2" }).first().click();
    expect(await page.evaluate("document.querySelector('#evidence-0').closest('details').open")).toBe(true);
    expect(await page.evaluate(shown)).toBe(true);
  });

  it("selects a whole command with one click, to be copied", async () => {
    const { page } = await tab.show("everything", {});
    await page.locator("pre.command").first().click();
    expect(await page.evaluate("getSelection().toString().trim()")).toBe(
      "permit tcp from 10.9.0.1 to 10.1.0.2 port 1688",
    );
  });

  it("prints all of it, folded or not, in light colours, and without what is for the screen", async () => {
    const { page } = await tab.show("everything", { colorScheme: "dark" });
    const height = "document.querySelector('#evidence-0 pre').getBoundingClientRect().height";
    const shown = "document.querySelector('#evidence-0 pre').checkVisibility()";
    expect(await page.evaluate(shown)).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate(shown)).toBe(true);
    expect(await page.evaluate(height)).toBeGreaterThan(200);
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(27, 32, 39)");
    expect(await page.evaluate("getComputedStyle(document.querySelector('nav')).display")).toBe("none");
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString("latin1")).toBe("%PDF-");
    expect(pdf.length).toBeGreaterThan(20_000);
  });
});

type View = { colorScheme?: (typeof SCHEMES)[number]; width?: number };
/** @property heard what the page did besides showing itself, since it was opened */
type Shown = { page: Page; heard: readonly string[] };
type Tab = { show: (name: string, view: View) => Promise<Shown> };

/** A tab that shows one page after the other from disk, each anew. */
async function openTab(browser: Browser, options: BrowserContextOptions): Promise<Tab> {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  let url = "";
  let heard: string[] = [];
  page.on("console", (message) => heard.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => heard.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url) heard.push(`request: ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    heard.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", () => heard.push("popup"));
  return {
    show: async (name, { colorScheme = "light", width = 1280 }) => {
      await page.goto("about:blank");
      await page.emulateMedia({ media: "screen", colorScheme });
      await page.setViewportSize({ width, height: 900 });
      heard = [];
      url = pathToFileURL(join(folder, `${name}.html`)).href;
      await page.goto(url);
      return { page, heard };
    },
  };
}

// These run in the browser, whose names this project's types do not know: hence text.
const unfold = "document.querySelectorAll('details').forEach((each) => { each.open = true; })";
const SIDEWAYS = "document.scrollingElement.scrollWidth";
const STYLED = "getComputedStyle(document.querySelector('.seal')).display";
const violations =
  "axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => " +
  "`${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary).join(' | ')}`))";
