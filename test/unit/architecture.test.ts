import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.join(import.meta.dirname, "../..");

/** A room is a folder of src/, or a file that stands there alone. */
const ROOMS = {
  // the program's first file: it compiles main's bundle, which it does not import
  kmsprobe: { may: ["errno", "refuse", "start", "version"], types: [] },
  // and before it: whether this runtime will do
  refuse: { may: ["runtime"], types: [] },
  start: { may: ["code-cache"], types: [] },
  // in place of kmsprobe, where one executable holds all of dist/
  executable: { may: ["start"], types: [] },
  // what V8 compiled before, in the user's cache folder
  "code-cache": { may: ["version"], types: [] },
  // argv in, exit code out
  main: { may: ["cli", "output"], types: [] },
  // flags to request to report to exit code
  cli: {
    may: [
      "compare",
      "config",
      "demo",
      "errno",
      "explain",
      "output",
      "report",
      "run",
      "saved",
      "serve",
      "sweep",
      "targets",
      "tui",
      "verdict",
      "verify",
      "version",
    ],
    types: ["model", "watch"],
  },
  // the ways in and out below the command line: as a library, as a lab, as a live view
  library: {
    may: ["compare", "explain", "run", "sweep", "targets", "verify", "version"],
    types: ["model"],
  },
  demo: { may: ["errno", "protocol", "transport"], types: ["model"] },
  // a user's own defaults
  config: { may: ["targets", "verdict", "verify"], types: [] },
  // the exporter: what is asked over HTTP, and answered with what is known
  serve: {
    may: ["output", "protocol", "report", "run", "targets", "verdict", "verify"],
    types: ["model"],
  },
  tui: { may: ["report", "verdict", "watch"], types: ["model", "run"] },
  // how many and how often
  run: {
    may: [
      "compare",
      "output",
      "probe",
      "protocol",
      "sweep",
      "system",
      "targets",
      "transport",
      "verdict",
      "verify",
      "version",
      "watch",
    ],
    types: ["model"],
  },
  // evidence is collected, and reported
  probe: { may: ["protocol", "system", "transport"], types: ["model"] },
  report: { may: ["compare", "explain", "sweep", "verdict", "verify", "watch"], types: ["model"] },
  // what was written, read back whole
  saved: { may: ["compare", "explain", "model", "sweep", "verify"], types: [] },
  // what several reports, a policy, one host over time, or many addresses come to
  compare: { may: ["model", "protocol", "verdict"], types: [] },
  watch: { may: ["system", "verdict"], types: ["model"] },
  verify: { may: ["model", "sweep", "targets", "verdict"], types: [] },
  sweep: { may: ["model", "protocol", "targets", "verdict"], types: [] },
  // whatever is written: files whole or not at all, lines whole, standard output whatever is behind it
  output: { may: ["errno", "targets"], types: [] },
  // what Windows prints, read: pure
  explain: { may: ["model"], types: [] },
  // judgement is pure; the others are the edges to the user, this machine and the network
  verdict: { may: ["protocol"], types: ["model"] },
  targets: { may: ["errno", "protocol"], types: ["model"] },
  system: { may: ["errno", "protocol"], types: ["model"] },
  transport: { may: ["errno", "protocol"], types: ["model"] },
  // the domain on one page
  model: { may: [], types: [] },
  version: { may: [], types: [] },
  runtime: { may: [], types: [] },
  // the name that a system gives its errors
  errno: { may: [], types: [] },
  // bytes to values and back
  protocol: { may: [], types: [] },
} as const satisfies Record<string, { may: readonly string[]; types: readonly string[] }>;

/** From the top down: an import points at a later line. */
const RANKS = [
  ["kmsprobe", "executable"],
  ["start", "refuse"],
  ["code-cache"],
  ["main"],
  ["cli"],
  ["library", "demo", "serve", "tui", "config"],
  ["run"],
  ["probe", "report", "saved"],
  ["compare", "verify", "watch"],
  ["sweep", "output"],
  ["verdict", "explain", "targets", "system", "transport"],
  ["model", "version", "runtime", "errno"],
  ["protocol"],
];

/** Node's own modules, by room. What is pure (`isIP`, a path) is as welcome as the table says, sockets are not. */
const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  kmsprobe: ["fs", "vm"],
  executable: ["fs", "module", "path", "sea", "vm", "worker_threads"],
  start: ["fs", "path", "vm"],
  "code-cache": ["fs", "path"],
  cli: ["child_process", "fs", "fs/promises", "os", "path"],
  config: ["path"],
  output: ["crypto", "fs", "fs/promises", "path", "timers/promises"],
  demo: ["dgram", "http", "net", "worker_threads"],
  run: ["crypto", "fs", "os", "worker_threads"],
  serve: ["crypto", "fs", "http", "https", "net", "path", "perf_hooks", "tls", "v8", "worker_threads"],
  watch: ["perf_hooks"],
  targets: ["fs", "net", "stream", "url"],
  system: ["child_process", "dns", "fs", "fs/promises", "os", "path", "util"],
  transport: ["dgram", "events", "net"],
  protocol: ["buffer", "net"],
};

/** The files that may import a package. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  "@hono/node-server": /^serve\//,
  bcryptjs: /^serve\//,
  "cli-table3": /^report\//,
  commander: /^cli\//,
  "csv-stringify": /^report\//,
  "fastest-levenshtein": /^verify\//,
  "dns-packet": /^(protocol\/dns\/query\.ts|demo\/.*)$/,
  hono: /^serve\//,
  ink: /^tui\//,
  "ipaddr.js": /^(compare|sweep|system|targets|verdict)\//,
  ora: /^cli\//,
  picocolors: /^report\//,
  "prom-client": /^(report|serve)\//,
  react: /^(tui|report)\//,
  "react-dom": /^report\//,
  saxes: /^targets\//,
  xmlbuilder2: /^report\//,
  yaml: /^verify\//,
  zod: /^(model\/.*|compare\/.*|explain\/model\.ts|sweep\/(model|read)\.ts|verify\/.*|serve\/.*|config\/.*)$/,
};

type Import = { file: string; room: string; what: string; typeOnly: boolean };

const FILES = sourceFiles();
const IMPORTS = FILES.flatMap(importsOf);
const LOCAL = IMPORTS.filter(({ what }) => what.startsWith("."));

function sourceFiles(): string[] {
  const all = fs.readdirSync(path.join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  return all
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => /\.tsx?$/.test(file))
    .toSorted();
}

function sourceOf(file: string): string {
  return fs.readFileSync(path.join(ROOT, "src", file), "utf8");
}

/** Comments hold words that look like code. Strings stay: an import's path is one. */
function codeOf(file: string): string {
  return sourceOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
}

function importsOf(file: string): Import[] {
  const code = codeOf(file);
  const room = roomOf(file);
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm);
  const dynamic = code.matchAll(/\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g);
  return [
    ...Array.from(statements, ([, type, what = ""]) => ({ file, room, what, typeOnly: type !== undefined })),
    ...Array.from(dynamic, ([, what = ""]) => ({ file, room, what, typeOnly: false })),
  ];
}

function roomOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : path.basename(file).replace(/\..*/, "");
}

function targetOf({ file, what }: Import): string {
  return path.posix.join(path.posix.dirname(file), what);
}

function isRoom(name: string): name is keyof typeof ROOMS {
  return Object.hasOwn(ROOMS, name);
}

function shown({ file, what }: Import): string {
  return `${file} imports ${what}`;
}

function rankOf(room: string): number {
  return RANKS.findIndex((line) => line.includes(room));
}

describe("the rooms of src/", () => {
  it("are those of the table, each with a place in the ranking", () => {
    const rooms = [...new Set(FILES.map(roomOf))].toSorted();
    expect(rooms).toEqual(Object.keys(ROOMS).toSorted());
    expect(RANKS.flat().toSorted()).toEqual(rooms);
  });

  it("import downwards only", () => {
    for (const [room, { may, types }] of Object.entries(ROOMS)) {
      for (const other of [...may, ...types])
        expect(`${room} > ${other}: ${rankOf(room) < rankOf(other)}`).toBe(`${room} > ${other}: true`);
    }
  });

  it.each(Object.keys(ROOMS))("%s imports only the rooms that the table allows it", (room) => {
    const { may, types }: { may: readonly string[]; types: readonly string[] } = isRoom(room)
      ? ROOMS[room]
      : { may: [], types: [] };
    const wrong = LOCAL.filter((each) => {
      const other = roomOf(targetOf(each));
      const allowed = other === room || may.includes(other) || (each.typeOnly && types.includes(other));
      return each.room === room && !allowed;
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it.each(Object.keys(ROOMS))("%s makes use of every permission in the table", (room) => {
    const { may, types }: { may: readonly string[]; types: readonly string[] } = isRoom(room)
      ? ROOMS[room]
      : { may: [], types: [] };
    const used = LOCAL.filter((each) => each.room === room).map((each) => roomOf(targetOf(each)));
    expect([...may, ...types].filter((other) => !used.includes(other))).toEqual([]);
  });

  it("hold no circle of files, not even for the sake of a type", () => {
    const ways = new Map(FILES.map((file) => [file, new Set<string>()]));
    for (const each of LOCAL) ways.get(each.file)?.add(targetOf(each));
    const circles = FILES.filter((file) => {
      const reached = new Set(ways.get(file));
      for (const each of reached) for (const next of ways.get(each) ?? []) reached.add(next);
      return reached.has(file);
    });
    expect(circles).toEqual([]);
  });

  it("have folders inside of which no two import each other, unless one holds the other", () => {
    const ways = new Set<string>();
    for (const each of LOCAL) {
      const [from, to] = [path.posix.dirname(each.file), path.posix.dirname(targetOf(each))];
      const apart = !`${from}/`.startsWith(`${to}/`) && !`${to}/`.startsWith(`${from}/`);
      if (apart && from !== "." && to !== ".") ways.add(`${from} ${to}`);
    }
    const both = [...ways].filter((way) => ways.has(way.split(" ").toReversed().join(" ")));
    expect(both).toEqual([]);
  });

  it("are told apart by folders: report/ has a room a kind of report, cli/ a folder a command of several files", () => {
    const prefixed = FILES.filter((file) =>
      /^(?:report|cli)\/(?:check|compare|merge|sweep|verify|watch)-/.test(file),
    );
    expect(prefixed).toEqual([]);
  });

  it("are a folder where they hold a thing a layer: the domain, with a page that names each file, and the catalogue", () => {
    const page = fs.readFileSync(path.join(ROOT, "src/model/README.md"), "utf8");
    const named = Array.from(page.matchAll(/^\| `([\w-]+\.ts)` *\|/gm), ([, file]) => `model/${file}`);
    expect(named.toSorted()).toEqual(FILES.filter((file) => roomOf(file) === "model"));
    expect(FILES.filter((file) => file.startsWith("verdict/catalog"))).toEqual([
      "verdict/catalog.ts",
      ...["address", "entry", "rpc", "srv", "steps", "tcp", "whole"].map(
        (name) => `verdict/catalog/${name}.ts`,
      ),
    ]);
  });

  it("import files that exist, by their full name", () => {
    const missing = LOCAL.filter((each) => !FILES.includes(targetOf(each)));
    expect(missing.map(shown)).toEqual([]);
  });

  it("take types only from model/, so that nobody pays for loading zod", () => {
    // What builds on these shapes is loaded with its own command.
    const loading = LOCAL.filter(
      (each) =>
        roomOf(targetOf(each)) === "model" &&
        !each.typeOnly &&
        !/^(?:model\/.*|saved\/saved\.ts|compare\/comparison\.ts|explain\/model\.ts|sweep\/model\.ts|verify\/.*)$/.test(
          each.file,
        ),
    );
    expect(loading.map(shown)).toEqual([]);
  });
});

/** Values that this program or its tests take from each file of src/; "*" where a file is taken as a whole. */
function takenNames(): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  const add = (from: string, what: string, ...given: string[]): void => {
    const file = path.posix.join(path.posix.dirname(from), what).replace(/^src\//, "");
    names.set(file, new Set([...(names.get(file) ?? []), ...given]));
  };
  const others = repositoryFiles().filter((file) => /^(?:src|test|scripts)\/.*\.(?:ts|tsx|mjs)$/.test(file));
  for (const file of others) {
    const code = fs.readFileSync(path.join(ROOT, file), "utf8");
    // What scripts/generate.mjs has compiled is written as if it stood beside src/.
    const from = file.startsWith("scripts/") && code.includes("./src/") ? "generate.mjs" : file;
    for (const [, given = "", what = ""] of code.matchAll(
      /\b(?:import|export) \{([^}]*)\} from "(\.[^"]+)"/g,
    ))
      add(from, what, ...given.split(",").map((name) => name.replace(/\bas\b.*|\btype\b/, "").trim()));
    for (const [, what = ""] of code.matchAll(/(?:\* as \w+ from|\bimport\() ?"(\.[^"]+)"/g))
      add(from, what, "*");
  }
  return names;
}

describe("an export of src/", () => {
  it("is taken by some other file, or is no export", () => {
    const names = takenNames();
    const idle = FILES.flatMap((file) => {
      const made = codeOf(file).matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm);
      const by = names.get(file);
      return Array.from(made, ([, name = ""]) => `${file} ${name}`).filter(
        (each) => by?.has("*") !== true && by?.has(each.slice(file.length + 1)) !== true,
      );
    });
    expect(idle).toEqual([]);
  });
});

describe("what src/ takes from outside", () => {
  it("is Node's own modules under their node: names, those of the table", () => {
    const used: Record<string, string[]> = {};
    for (const { room, what } of IMPORTS) {
      if (!what.startsWith("node:")) continue;
      used[room] = [...new Set([...(used[room] ?? []), what.slice("node:".length)])].toSorted();
    }
    expect(used).toEqual(BUILTINS);
  });

  it("is of node:net, in protocol/, the reading of addresses only", () => {
    const uses = FILES.filter((file) => roomOf(file) === "protocol").flatMap((file) =>
      Array.from(codeOf(file).matchAll(/\bnet\.(\w+)/g), ([, member]) => member),
    );
    expect(uses.filter((member) => !/^isIP(v[46])?$/.test(member ?? ""))).toEqual([]);
  });

  it("is packages by the table, each in its own rooms", () => {
    const wrong = IMPORTS.filter(({ file, what }) => {
      if (what.startsWith(".") || what.startsWith("node:")) return false;
      const owner = Object.keys(PACKAGES).find((name) => what === name || what.startsWith(`${name}/`));
      return owner === undefined || PACKAGES[owner]?.test(file) !== true;
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("is every package of that table, and what users get beside the bundles is what the library needs", () => {
    const manifest = fs.readFileSync(path.join(ROOT, "package.json"), "utf8");
    const {
      dependencies,
      devDependencies,
    }: Record<"dependencies" | "devDependencies", Record<string, string>> = JSON.parse(manifest);
    const known = { ...dependencies, ...devDependencies };
    expect(Object.keys(PACKAGES).filter((name) => !Object.hasOwn(known, name))).toEqual([]);
    // Whatever the library may come to load, late or not, and what its types speak of: its files are not bundled.
    const library = new Set(["library.ts"]);
    for (const file of library) for (const each of LOCAL) if (each.file === file) library.add(targetOf(each));
    const needed = IMPORTS.filter(({ file, what }) => library.has(file) && /^[a-z@]/.test(what));
    const packages = needed.map(({ what }) => what).filter((what) => !what.startsWith("node:"));
    expect(Object.keys(dependencies).toSorted()).toEqual([...new Set(packages)].toSorted());
  });

  it("is loaded only when needed, where --version does not need it", () => {
    const eager = reachable("main.ts");
    const loaded = IMPORTS.filter(
      ({ file, what, typeOnly }) => eager.has(file) && !typeOnly && !what.startsWith("."),
    );
    const packages = loaded.map(({ what }) => what).filter((what) => !what.startsWith("node:"));
    for (const heavy of ["cli-table3", "csv-stringify/sync", "ink", "ora", "react", "yaml", "zod"])
      expect(packages).not.toContain(heavy);
  });
});

/** Files that are loaded with this one: along static imports of values. */
function reachable(start: string): Set<string> {
  const seen = new Set([start]);
  for (const file of seen) {
    const code = codeOf(file);
    for (const each of LOCAL.filter((candidate) => candidate.file === file && !candidate.typeOnly)) {
      if (!new RegExp(`import\\s*\\(\\s*["']${each.what.replaceAll(".", "\\.")}["']`).test(code))
        seen.add(targetOf(each));
    }
  }
  return seen;
}

/** Files, outside the given rooms, whose code has one of these words. */
function having(words: RegExp, ...rooms: string[]): string[] {
  return FILES.filter((file) => !rooms.includes(roomOf(file)) && words.test(codeOf(file)));
}

describe("what may touch the world", () => {
  it("an error's name is read, and given, in one place", () => {
    expect(having(/"code" in \w|\bErrnoException\b|\{ code: "E[A-Z]+" \}/, "errno", "serve")).toEqual([]);
  });

  it("sockets are made in transport/ and in the lab only; the exporter listens in one file, and one reads pipes", () => {
    const making =
      /\b(?:net|dgram|tls|http|https|dns)\.(?:connect|createConnection|Socket|createServer|createSocket|Server|request|get|fetch|resolve\w*|lookup)\b|\bfetch\(/;
    const bare = /\b(?:createConnection|createServer|createSocket)\b|\bnew (?:net\.)?Socket\b/;
    const taken = /import\s*\{[^}]*\b(?:connect|Socket|createConnection|createSocket)\b[^}]*\}\s*from "node:/;
    expect(having(making, "transport", "demo")).toEqual(["serve/listen.ts", "targets/open-input.ts"]);
    expect(having(bare, "transport", "demo")).toEqual(["serve/listen.ts", "targets/open-input.ts"]);
    expect(having(taken, "transport", "demo")).toEqual([]);
    // A descriptor that is open already, and never connected.
    expect(codeOf("targets/open-input.ts").match(/\bnet\..*$/gm)).toEqual([
      "net.Socket({ fd, readable: true, writable: false });",
    ]);
    expect(codeOf("serve/listen.ts").match(making)?.[0]).toBe("https.createServer");
    expect(codeOf("serve/listen.ts")).not.toMatch(/\bhttps?\.(?:request|get)\b|\bnet\.|\btls\./);
  });

  it("protocol/, verdict/, compare/, explain/ and report/ touch nothing: no clock, no chance, no process, no late import", () => {
    const impure =
      /\bprocess\.|\bconsole\.|\bnew Date\(\)|\bDate\.now\b|\bMath\.random\b|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bimport\s*\(/;
    const pure = FILES.filter((file) =>
      ["protocol", "verdict", "compare", "explain", "report"].includes(roomOf(file)),
    );
    expect(pure.filter((file) => impure.test(codeOf(file)))).toEqual([]);
  });

  it("the exit code is set in main.ts only, and where the program cannot even start", () => {
    expect(having(/\bprocess\.exit(?:Code)?\b/, "main", "kmsprobe", "refuse")).toEqual([]);
  });

  it("standard output and standard error are written by output/ only; cli/ asks whether they are terminals; what cannot start says so", () => {
    expect(having(/\bprocess\.std(?:out|err)\b|\bconsole\./, "cli", "output", "kmsprobe", "refuse")).toEqual(
      [],
    );
    expect(having(/\bprocess\.std(?:out|err)\.(?:write|end)\b/, "output")).toEqual([]);
  });

  it("files are written by output/ only; the state of a sweep and the code cache by the files that own them", () => {
    const writing =
      /\b(?:appendFile|writeFile|write|writev|createWriteStream|rename|link|symlink|rm|unlink|mkdir|copyFile|truncate|ftruncate)(?:Sync)?\b/;
    const files = FILES.filter(
      (file) => /from "node:fs/.test(codeOf(file)) && !["output", "code-cache"].includes(roomOf(file)),
    );
    const uses = files.flatMap((file) =>
      Array.from(codeOf(file).matchAll(/\bfs(?:\.promises)?\.(\w+)/g), ([, member = ""]) => [file, member]),
    );
    expect(uses.filter(([, member = ""]) => writing.test(member))).toEqual([
      ["run/sweep/journal.ts", "ftruncateSync"],
    ]);
  });

  it("the date is taken in run/ only", () => {
    expect(having(/\bnew Date\(\)|\bDate\.now\b/, "run")).toEqual([]);
  });
});

describe("names", () => {
  it("no file holds the leftover of a merge", () => {
    const marks = /^(?:<{7}|>{7}) /m;
    const holding = repositoryFiles().filter((file) =>
      marks.test(fs.readFileSync(path.join(ROOT, file), "latin1")),
    );
    expect(holding).toEqual([]);
  });

  it("there is no barrel and no drawer for odds and ends", () => {
    const drawers = FILES.filter((file) =>
      /(^|\/)(index|utils?|helpers?|common|misc|shared)\.ts$/.test(file),
    );
    expect(drawers).toEqual([]);
  });

  it("files are in kebab-case", () => {
    expect(
      FILES.filter((file) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.tsx?$/.test(file)),
    ).toEqual([]);
  });
});

describe("what this program must never be able to do", () => {
  const DCERPC = FILES.filter((file) => file.startsWith("protocol/dcerpc/"));

  it("encodes no request: no export of protocol/dcerpc takes an opnum or stub data", () => {
    expect(DCERPC.length).toBeGreaterThan(0);
    for (const file of DCERPC) {
      const exported = codeOf(file).match(/^export [\s\S]*?(?=\n\S|$(?![\s\S]))/gm) ?? [];
      expect(exported.filter((text) => /\bopnum\b|\bstub/i.test(text))).toEqual([]);
    }
  });

  it("encodes bind and alter_context, and nothing else", () => {
    const encoders = DCERPC.flatMap((file) =>
      Array.from(codeOf(file).matchAll(/^export (?:async )?function (\w+)/gm), ([, name = ""]) => name),
    ).filter((name) => name.startsWith("encode"));
    expect(encoders.toSorted()).toEqual(["encodeAlterContext", "encodeBind"]);
  });

  it("knows no PDU type of a request: 0 is not among those it names", () => {
    const header = codeOf("protocol/dcerpc/header.ts");
    const [, types = ""] = /export const PTYPE = \{([^}]*)\}/.exec(header) ?? [];
    const values = Array.from(types.matchAll(/(\w+): (\d+)/g), ([, name = "", value]) => `${name} ${value}`);
    expect(values).toEqual([
      "fault 3",
      "bind 11",
      "bindAck 12",
      "bindNak 13",
      "alterContext 14",
      "alterContextResp 15",
    ]);
  });

  it("holds no product key anywhere in the repository, tests included", () => {
    const key = /[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}/;
    const holding = repositoryFiles().filter((file) =>
      key.test(fs.readFileSync(path.join(ROOT, file), "latin1")),
    );
    expect(holding).toEqual([]);
  });

  it("holds none of the ciphers that an activation needs", () => {
    const words = /\b(?:aes|cmac|hmac|rijndael|createCipher\w*|createHash|createHmac|subtle)\b/i;
    expect(FILES.filter((file) => words.test(codeOf(file)))).toEqual([]);
  });
});

/** Everything that is ours: not what npm installed, what a build made, or git's own files. */
function repositoryFiles(folder = ""): string[] {
  const entries = fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory())
      return [".git", "node_modules", "dist", "coverage"].includes(entry.name) ? [] : repositoryFiles(file);
    return entry.isFile() ? [file] : [];
  });
}
