/** The template of docs/monitoring in a Zabbix server: imported, discovered from, alerted by. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashSync } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { VERSION } from "../../src/version.ts";
import { needs } from "./servers/available.ts";
import { startZabbix } from "./servers/zabbix.ts";
import type { Zabbix } from "./servers/zabbix.ts";
import { configurationFor, get, startExporter, until, valueOf } from "./support/exporter.ts";
import type { Served } from "./support/exporter.ts";
import { startOffice } from "./verify-docs/office.ts";
import type { Office } from "./verify-docs/office.ts";

const DOCS = fileURLToPath(new URL("../../docs/monitoring/", import.meta.url));

const items = z.array(
  z.object({ itemid: z.string(), key_: z.string(), lastvalue: z.string(), error: z.string() }),
);
const triggers = z.array(z.object({ description: z.string(), value: z.string(), error: z.string() }));
const hosts = z.object({ hostids: z.tuple([z.string()]) });

describe.skipIf(needs("linux", "root", "zabbix").skip)("a Zabbix server", () => {
  let office: Office;
  let dir: string;
  let served: Served;
  let zabbix: Zabbix;
  let host: string;

  beforeAll(async () => {
    office = await startOffice();
    dir = await mkdtemp(join(tmpdir(), "kmsprobe-zabbix-"));
    // Nobody is served at first: a trigger over five minutes need not wait for them.
    await office.turn(0, "off");
    await office.turn(1, "off");
    const web = join(dir, "web.yml");
    await writeFile(web, stringify({ basic_auth_users: { zabbix: hashSync("right", 5) } }));
    const targets = [{ target: office.domain, interval: "1s" }];
    served = await startExporter(dir, configurationFor(office, { targets }), ["--web-config", web], {
      limitMs: 500_000,
    });
    zabbix = await startZabbix();
  }, 180_000);
  afterAll(async () => {
    await zabbix.stop();
    await served.stop();
    await office.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const found = (): Promise<z.infer<typeof items>> =>
    zabbix.api("item.get", { hostids: host, output: ["key_", "lastvalue", "error"] }, items);

  /** By key; asks the server to look now rather than in a minute. */
  async function untilItems(what: (values: ReadonlyMap<string, string>) => boolean): Promise<void> {
    await until(async () => {
      const all = await found();
      const master = all.find(({ key_ }) => key_ === "kmsprobe.metrics")?.itemid ?? "";
      if (what(new Map(all.map(({ key_, lastvalue }) => [key_, lastvalue])))) return true;
      await zabbix.api("task.create", [{ type: 6, request: { itemid: master } }], z.unknown());
      return false;
    }, 120_000);
  }

  const watched = (): Promise<z.infer<typeof triggers>> =>
    zabbix.api(
      "trigger.get",
      { hostids: host, output: ["description", "value", "error"], expandDescription: true },
      triggers,
    );

  /** What the server could not evaluate. Whether an item has been silent for ten minutes is known after ten minutes. */
  const unknown = async (): Promise<string[]> =>
    (await watched()).flatMap(({ error }) =>
      error === "" || error.includes("not have enough data after") ? [] : [error],
    );

  async function firing(): Promise<string[]> {
    const all = await watched();
    // An item that was found a moment ago has no value yet.
    const wrong = all.filter(({ error }) => error !== "" && !error.includes("enough data"));
    expect(wrong).toEqual([]);
    return all.flatMap(({ description, value }) => (value === "1" ? [description] : [])).toSorted();
  }

  test(
    "takes the template, finds targets and hosts, and tells of an outage until it is over",
    { timeout: 300_000 },
    async () => {
      const source = await readFile(join(DOCS, "zabbix-template.yaml"), "utf8");
      const all = { createMissing: true, updateExisting: true };
      const rules = {
        templates: all,
        groups: all,
        items: all,
        triggers: all,
        discoveryRules: all,
        valueMaps: all,
      };
      await zabbix.api("configuration.import", { format: "yaml", source, rules }, z.literal(true));
      const [template] = await zabbix.api(
        "template.get",
        { output: ["templateid"], filter: { host: "KMS by kmsprobe" } },
        z.array(z.object({ templateid: z.string() })),
      );
      const [group] = await zabbix.api(
        "hostgroup.get",
        { output: ["groupid"] },
        z.array(z.object({ groupid: z.string() })),
      );
      const made = await zabbix.api(
        "host.create",
        {
          host: "jump1",
          groups: [group],
          templates: [template],
          macros: [
            { macro: "{$KMSPROBE.URL}", value: served.url },
            // The least that it may be: the server asks itself twice a minute.
            { macro: "{$KMSPROBE.SILENT}", value: "30s" },
          ],
        },
        hosts,
      );
      [host] = made.hostids;
      const master = (await found()).find(({ key_ }) => key_ === "kmsprobe.metrics")?.itemid;
      const password = { authtype: 1, username: "zabbix", password: "right" };
      await zabbix.api("item.update", { itemid: master, ...password }, z.unknown());

      const success = `kmsprobe.success[${office.domain},kms]`;
      await untilItems((values) => values.get(success) === "0");
      const outage = [
        expect.stringMatching(/^KMS: kms1\.corp\.test:\d+ at 127\.\S+ would serve no client$/),
        expect.stringMatching(/^KMS: kms2\.corp\.test:\d+ at 127\.\S+ would serve no client$/),
        `KMS: no client would be served for ${office.domain} (kms)`,
      ];
      await until(async () => (await firing()).length === outage.length);
      expect(await firing()).toEqual(outage);
      await office.turn(0, "on");
      await office.turn(1, "on");
      await until(
        async () =>
          valueOf(
            (await get(`${served.url}/metrics`, { Authorization: `Basic ${btoa("zabbix:right")}` })).text,
            "kms_probe_success{",
          ) === 1,
      );
      await untilItems((values) => values.get(success) === "1");
      await until(async () => (await firing()).length === 0);
      const now = await found();
      expect(now.filter(({ error }) => error !== "")).toEqual([]);
      await until(async () => (await unknown()).length === 0, 60_000);
      const at = (name: string): string => `[${office.domain},kms,,${name},PORT,ADDRESS]`;
      const values = now.map(({ key_, lastvalue }): [string, string] => [
        key_.replace(/\d+,127\.[\d.]+\]$/, "PORT,ADDRESS]"),
        lastvalue,
      ]);
      // Under 0.1 ms it is written with an exponent.
      const number = expect.stringMatching(/^\d+\.\d+(?:e-\d+)?$/);
      const one = (name: string): Record<string, unknown> => ({
        [`kmsprobe.host.serves${at(name)}`]: "1",
        [`kmsprobe.host.rpc${at(name)}`]: number,
        [`kmsprobe.host.tcp${at(name)}`]: number,
      });
      expect(Object.fromEntries(values)).toEqual({
        // Its text is not kept.
        "kmsprobe.metrics": "",
        "kmsprobe.version": VERSION,
        [success]: "1",
        [`kmsprobe.complete[${office.domain},kms]`]: "1",
        [`kmsprobe.started[${office.domain},kms]`]: number,
        ...one("kms1.corp.test"),
        ...one("kms2.corp.test"),
      });

      await served.stop();
      await until(async () => (await firing()).includes("kmsprobe serve does not answer"), 120_000);
      // That nobody answers says nothing of the hosts.
      expect(await firing()).toEqual(["kmsprobe serve does not answer"]);
    },
  );
});
