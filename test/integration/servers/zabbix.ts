import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runProgram } from "../verify-docs/program.ts";
import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, startProcess } from "./process.ts";

/** Where scripts/install-test-servers.sh unpacks the frontend. */
export const FRONTEND = "/usr/local/lib/kmsprobe-test-servers/zabbix";
const POSTGRES = "/usr/lib/postgresql/15/bin";
const SCHEMA = "/usr/share/zabbix-server-pgsql";
const TABLES = [
  "role",
  "role_rule",
  "usrgrp",
  "users",
  "users_groups",
  "hstgrp",
  "config",
  "config_autoreg_tls",
];

/** A Zabbix server with its database and its frontend, and the API of that. */
export type Zabbix = {
  /** @throws with Zabbix' own words where it refuses */
  api: <Result>(method: string, params: unknown, result: z.ZodType<Result>) => Promise<Result>;
  output: () => string;
  stop: () => Promise<void>;
};

/** Server and frontend listen on loopback, the database in its own folder only. Needs root: PostgreSQL runs as its own user. */
export async function startZabbix(): Promise<Zabbix> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    const database = await startDatabase();
    stops.push(database.stop);
    const server = await startServer(database.folder);
    stops.push(server.stop);
    const frontend = await startFrontend(database.folder);
    stops.push(frontend.stop);
    const api = await apiOf(frontend.url);
    return { api, output: () => `${server.output()}\n${frontend.output()}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function idOf(user: string, which: "-u" | "-g"): Promise<number> {
  return Number((await runProgram(programPath("id"), [which, user])).stdout);
}

/** PostgreSQL with Zabbix' tables; nothing in it is to outlive the test, so nothing is waited for on the disk. */
async function startDatabase() {
  const dir = await makeServerDir("zabbix-db");
  const [uid, gid] = [await idOf("postgres", "-u"), await idOf("postgres", "-g")];
  await chown(dir, uid, gid);
  const as = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const data = join(dir, "data");
  const made = await runProgram(programPath("setpriv"), [
    ...as,
    join(POSTGRES, "initdb"),
    `--pgdata=${data}`,
    "--username=zabbix",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--auth=trust",
    "--no-sync",
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  const settings = Object.entries({
    listen_addresses: "",
    unix_socket_directories: dir,
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    max_wal_size: "2GB",
    jit: "off",
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const process = await startProcess({
    command: programPath("setpriv"),
    args: [...as, join(POSTGRES, "postgres"), "-D", data, ...settings],
    dir,
    ready: () => existsSync(join(dir, ".s.PGSQL.5432")),
    deadlineMs: 30_000,
  });
  // The tables bring 170,000 rows of templates, at a minute of work; these are what Zabbix itself can't be without.
  const rows = `zcat ${SCHEMA}/data.sql.gz | grep -aE '^INSERT INTO (${TABLES.join("|")}) '`;
  const fill = `{ echo 'SET session_replication_role = replica;'; zcat ${SCHEMA}/schema.sql.gz; ${rows}; }`;
  const psql = `${POSTGRES}/psql -X -q -1 -o /dev/null -v ON_ERROR_STOP=1 -h ${dir} -U zabbix postgres`;
  const filled = await runProgram(programPath("bash"), ["-c", `set -o pipefail; ${fill} | ${psql}`]);
  if (filled.code !== 0) {
    await process.stop();
    throw new Error(filled.stderr);
  }
  return { folder: dir, stop: process.stop };
}

async function startServer(database: string) {
  const dir = await makeServerDir("zabbix");
  const address = loopbackAddress();
  const settings = Object.entries({
    ListenIP: address,
    ListenPort: await freePort(address),
    LogType: "console",
    PidFile: join(dir, "pid"),
    SocketDir: dir,
    AllowRoot: 1,
    DBHost: database,
    DBName: "postgres",
    DBUser: "zabbix",
    // What the API changes counts a second later.
    CacheUpdateFrequency: 1,
    StartPollers: 2,
    StartPreprocessors: 1,
    StartLLDProcessors: 1,
    StartDBSyncers: 1,
    StartTrappers: 1,
    StartPingers: 0,
    StartDiscoverers: 0,
    StartPollersUnreachable: 1,
  }).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(dir, "server.conf"), settings.join(""));
  return await startProcess({
    command: programPath("zabbix_server"),
    args: ["--foreground", "--config", join(dir, "server.conf")],
    dir,
    ready: (output) => output.includes("started [poller #1]"),
    deadlineMs: 60_000,
  });
}

/** By PHP's own web server. The frontend has its settings in /etc: it sees another one. */
async function startFrontend(database: string) {
  const dir = await makeServerDir("zabbix-web");
  await mkdir(join(dir, "etc"));
  const settings = { TYPE: "POSTGRESQL", SERVER: database, PORT: "0", DATABASE: "postgres", USER: "zabbix" };
  const lines = Object.entries({ ...settings, PASSWORD: "", SCHEMA: "", DOUBLE_IEEE754: "true" });
  const php = lines.map(([name, value]) => `$DB['${name}'] = '${value}';\n`).join("");
  await writeFile(
    join(dir, "etc", "zabbix.conf.php"),
    `<?php\n${php}$ZBX_SERVER = '';\n$ZBX_SERVER_NAME = '';\n$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;\n`,
  );
  await chmod(dir, 0o755);
  const address = loopbackAddress();
  const at = `${address}:${await freePort(address)}`;
  const serve = `exec "$0" -d error_reporting=0 -S ${at} -t ${FRONTEND}`;
  const process = await startProcess({
    command: programPath("unshare"),
    args: [
      "--mount",
      programPath("bash"),
      "-c",
      `mount --bind ${join(dir, "etc")} /etc/zabbix && ${serve}`,
      programPath("php"),
    ],
    dir,
    ready: (output) => output.includes("started"),
  });
  return { url: `http://${at}/api_jsonrpc.php`, output: process.output, stop: process.stop };
}

const answered = z.object({
  result: z.unknown().optional(),
  error: z.object({ message: z.string(), data: z.string() }).optional(),
});

async function apiOf(url: string): Promise<Zabbix["api"]> {
  const call = async (method: string, params: unknown, auth: string | null): Promise<unknown> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json-rpc" },
      body: JSON.stringify({ jsonrpc: "2.0", method, params, auth, id: 1 }),
    });
    const text = await response.text();
    const { result, error } = answered.parse(JSON.parse(text));
    if (error !== undefined) throw new Error(`${method}: ${error.message} ${error.data}`);
    return result;
  };
  const login = { username: "Admin", password: "zabbix" };
  const auth = z.string().parse(await call("user.login", login, null));
  return async (method, params, result) => result.parse(await call(method, params, auth));
}
