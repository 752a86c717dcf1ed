// The files of dist/, bundled: for the build, and for what counts what is in them.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build, transform } from "esbuild";
import stringWidth from "string-width";
import { askingFor, partsIn, programWith } from "./parts.mjs";

/** Loaded by the command or format that needs them: V8 compiles what is in the main file at every start. */
const BESIDE = {
  lab: "src/demo/lab.ts",
  csv: "src/report/check/csv.ts",
  html: "src/report/page/check-page.tsx",
  junit: "src/report/check/junit.ts",
  markdown: "src/report/check/markdown.ts",
  show: "src/cli/show/saved.ts",
  compare: "src/cli/compare/reports.ts",
  merge: "src/cli/merge/reports.ts",
  explain: "src/cli/explain/words.ts",
  config: "src/cli/config/read.ts",
  completion: "src/cli/completion/candidates.ts",
  "completion-scripts": "src/cli/completion/scripts.ts",
  watch: "src/cli/watch/session.ts",
  spinner: "src/cli/spinner.ts",
  "verify-junit": "src/report/verify/junit.ts",
  "verify-html": "src/report/page/page.tsx",
  "verify-csv": "src/report/verify/csv.ts",
  "verify-prometheus": "src/report/verify/prometheus.ts",
  plugin: "src/cli/plugin.ts",
  sweep: "src/cli/sweep/session.ts",
  "sweep-renderers": "src/cli/sweep/renderers.ts",
  serve: "src/cli/serve/session.ts",
  // what reads files with them has them from here, verify too
  zod: "./node_modules/zod/index.js",
  yaml: "exports-of:yaml",
  // for programs that import the package, by way of lib/library.js
  library: "src/library.ts",
  // started as a thread, by its name
  "serve-password": "src/serve/password-worker.ts",
};

/** A thread, too. It asks the program for nothing: each would hold all of it. */
const SWEEP_WORKER = "src/run/sweep/worker.ts";

/** What `verify` runs: large enough to be worth a code cache of its own. */
const VERIFY = "src/cli/verify/command.ts";

/** The live view of `watch`, and the one file that loads it. */
const TUI = "src/tui/load.ts";
const TUI_VIEW = "src/tui/view.ts";

/** Where the program imports one of these at run time, the bundle takes the file beside it. */
const besidePlugin = {
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, (args) => {
      if (args.kind !== "dynamic-import") return undefined;
      const source = path.relative(".", path.resolve(args.resolveDir, args.path));
      const entry = Object.entries(BESIDE).find(([, file]) => file === source);
      if (entry) return { path: `./${entry[0]}.cjs`, external: true };
      if (source === VERIFY) return { path: "./verify.cjs", external: true };
      if (source === TUI) return { path: "./tui.cjs", external: true };
      return source === TUI_VIEW ? { path: "./tui-view.mjs", external: true } : undefined;
    });
  },
};

/** ink imports React's devtools, which nobody installs, and a socket to them, for its own developers. */
const withoutDevtools = {
  name: "without-devtools",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:react-devtools-core|ws)$/ }, ({ path: name }) => ({
      path: name,
      namespace: "nothing",
    }));
    onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "export default {};" }));
  },
};

/**
 * What Node compiles when it is asked for, 1 to 5 ms each, and few runs need: asked for when one of these names is used.
 * commander alone would bring child_process, with all of cluster's and UDP's code, into every run.
 */
const LATER = ["child_process", "crypto", "dgram", "dns", "fs/promises", "timers/promises"];

const laterPlugin = {
  name: "later",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(?:node:)?(?:${LATER.join("|")})$`) }, ({ path: name, namespace }) => {
      const known = `node:${name.replace("node:", "")}`;
      return namespace === "later" ? { path: known, external: true } : { path: known, namespace: "later" };
    });
    onLoad({ filter: /./, namespace: "later" }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter((each) => each !== "default");
      return {
        contents: `for (const name of "${names.join(" ")}".split(" "))
          Object.defineProperty(exports, name, { enumerable: true, get: () => require("${name}")[name] });`,
      };
    });
  },
};

/**
 * Of Node's other modules: asked for once in a bundle. What esbuild does in each file instead is to copy all that they export, a
 * hundred getters of `fs` nine times: some milliseconds of every start.
 */
const oncePlugin = {
  name: "once",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path: name, kind, namespace }) =>
      kind === "import-statement" && namespace !== "once" ? { path: name, namespace: "once" } : undefined,
    );
    onLoad({ filter: /./, namespace: "once" }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter((each) => each !== "default");
      const lines = names.map(
        (each) =>
          `const own_${each} = /* @__PURE__ */ (() => own["${each}"])(); export { own_${each} as ${each} };`,
      );
      return { contents: `const own = require("${name}"); export default own;\n${lines.join("\n")}` };
    });
  },
};

/** One column each. */
const SIGNS = "·×–‘’“”•…→≠▁▂▃▄▅▆▇█░✓✗";

/**
 * string-width looks for colours and for emoji, by an expression of ten kilobytes that takes V8 longer to compile than
 * our tables take in all. The width of ASCII and of our own signs is their number.
 */
const stringWidthOfPlain = {
  name: "string-width-of-plain",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[/\\]string-width[/\\]index\.js$/ }, async (args) => {
      const source = await readFile(args.path, "utf8");
      const first = "\tstring = stripAnsi(string);";
      if (source.split(first).length !== 2) throw new Error("string-width has changed: where does it begin?");
      if (!Array.from(SIGNS).every((sign) => stringWidth(sign) === 1))
        throw new Error("not every sign of our tables takes one column");
      const plain = `\tif (/^[ -~${SIGNS}]*$/.test(string)) return string.length;`;
      return { contents: source.replace(first, `${plain}\n${first}`) };
    });
  },
};

/** zod brings its messages in fifty languages, a quarter of a megabyte in each bundle; ours are in English. */
const zodInEnglish = {
  name: "zod-in-english",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: path.resolve("node_modules/zod/v4/locales"),
    }));
  },
};

/** Verify takes them from the files beside it, which others share: they would be a half of `verify-program.cjs`. */
const besideVerify = {
  name: "beside-verify",
  setup({ onResolve }) {
    onResolve({ filter: /^(?:zod|yaml)$/ }, ({ path: name }) => ({ path: `./${name}.cjs`, external: true }));
  },
};

/** Of a package in CommonJS, an entry of this kind has every export by its name: esbuild gives it one, `default`. */
const exportsOf = {
  name: "exports-of",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^exports-of:/ }, ({ path: wanted }) => ({
      path: wanted.slice("exports-of:".length),
      namespace: "exports-of",
    }));
    onLoad({ filter: /./, namespace: "exports-of" }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter(
        (each) => /^\w+$/.test(each) && each !== "default",
      );
      return { contents: `export { ${names.join(", ")} } from "${name}";`, resolveDir: "." };
    });
  },
};

/** Of what reads and writes XML we write it from objects; it would bring a reader and a writer of YAML. */
const xmlWithoutYaml = {
  name: "xml-without-yaml",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^js-yaml$/ }, ({ path: name }) => ({ path: name, namespace: "no-yaml" }));
    onLoad({ filter: /./, namespace: "no-yaml" }, () => ({ contents: "export {};" }));
  },
};

/**
 * To V8 of Node 20 `{ ...object, more: 1 }` is an object of a kind that it has never seen, each time anew: it takes 3.5 µs where
 * Object.assign takes 0.2 (2026-11-28), all that reads the copy looks its fields up by name, and the kinds stay until the old
 * generation is collected. esbuild writes copies as calls for engines that lack them; what is called is ours.
 */
const quickCopies = {
  name: "quick-copies",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]src[/\\].*\.tsx?$/ }, async ({ path: file }) => {
      const contents = await readFile(file, "utf8");
      const loader = file.endsWith("x") ? "tsx" : "ts";
      const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true, jsx: "react-jsx" } };
      const supported = { "object-rest-spread": false };
      const { code } = await transform(contents, { loader, supported, tsconfigRaw, target: "node20" });
      const used = [];
      const text = code.replaceAll(/^var (__(\w)(pread\w+|bjRest)) = /gm, (_, name, first, rest) => {
        used.push(`${first}${rest} as ${name}`);
        return `var unused${name} = `;
      });
      // Behind a spread a getter would be read once, and be a value from then on.
      if (used.length === 0 || (text.includes("__spreadProps(") && /^\s+get \w+\(/m.test(text)))
        return { contents, loader };
      const from = JSON.stringify(path.resolve("scripts/copies.mjs"));
      return { contents: `import { ${used.join(", ")} } from ${from};\n${text}`, loader: "js" };
    });
  },
};

/** A page is written as one string: what react-dom writes into streams is a second renderer, of a hundred kilobytes. */
const reactDomWithoutStreams = {
  name: "react-dom-without-streams",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]react-dom-server\.node\.production\.js$/ }, () => ({
      contents: "module.exports = {};",
    }));
  },
};

/**
 * ink 6.8 remembers every text that it ever measured or wrapped (vadimdemedes/ink#986, fixed in a version that needs a
 * newer Node): 6 MB a minute here. Nothing is remembered now; a screen of text is measured anew.
 */
const inkWithoutMemory = {
  name: "ink-without-memory",
  setup({ onLoad }) {
    const forget = {
      "measure-text.js": "cache.set(text, dimensions);",
      "wrap-text.js": "cache[cacheKey] = wrappedText;",
    };
    for (const [file, remembering] of Object.entries(forget)) {
      onLoad(
        { filter: new RegExp(`[/\\\\]ink[/\\\\]build[/\\\\]${file.replace(".", "\\.")}$`) },
        async (args) => {
          const source = await readFile(args.path, "utf8");
          if (!source.includes(remembering))
            throw new Error(`${file} of ink has changed: does it still remember all?`);
          return { contents: source.replace(remembering, "") };
        },
      );
    }
  },
};

// React's development build is slower and larger; it measures every frame, and keeps what it measured.
const define = { "process.env.NODE_ENV": '"production"' };

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // A native import() would start the ES module loader, which costs more than what it loads.
  supported: { "dynamic-import": false },
  minify: true,
  // They are gathered with the licences in one file (scripts/notices.mjs).
  legalComments: "external",
  logLevel: "warning",
};

/** One function with the parameters of a CommonJS module: it is compiled with a code cache. */
const compiled = {
  ...common,
  banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
  footer: { js: "})" },
};

/** The program: what the command line is made of, and what the other files ask it for. */
function programOf(contents) {
  return {
    ...compiled,
    entryPoints: undefined,
    stdin: { contents, resolveDir: ".", sourcefile: "program.mjs" },
    entryNames: "program",
    // Its last line sets module.exports.
    logOverride: { "commonjs-variable-in-esm": "silent" },
    plugins: [quickCopies, besidePlugin, laterPlugin, oncePlugin, stringWidthOfPlain],
  };
}

/** What asks the program for what that holds. */
function askingBundles(parts) {
  const asking = askingFor(parts);
  return [
    {
      ...compiled,
      entryPoints: { "verify-program": VERIFY },
      plugins: [quickCopies, besidePlugin, laterPlugin, besideVerify, asking],
    },
    // What several of these share stands once, in files of its own. esbuild divides ES modules only: CommonJS is made of them.
    {
      ...common,
      entryPoints: BESIDE,
      define,
      plugins: [
        quickCopies,
        besidePlugin,
        exportsOf,
        zodInEnglish,
        xmlWithoutYaml,
        reactDomWithoutStreams,
        asking,
      ],
      format: "esm",
      splitting: true,
      chunkNames: "shared-[hash]",
      // Labels in many languages are a third of their escapes.
      charset: "utf8",
    },
  ];
}

const BUNDLES = [
  {
    ...common,
    entryPoints: undefined,
    stdin: {
      contents: `import { compile, start } from "./src/start.ts";
        module.exports = start(__dirname, compile(__dirname, "verify-program"), "verify-program", require);`,
      resolveDir: ".",
      sourcefile: "verify.ts",
    },
    entryNames: "verify",
  },
  // The program that runs, as who asks for its parts has it; where another one runs, which uses the library, a program that does not.
  {
    ...common,
    entryPoints: undefined,
    stdin: {
      contents: `import path from "node:path";
        import { compile, start } from "./src/start.ts";
        module.exports = require.main?.filename === path.join(__dirname, "kmsprobe.cjs")
          ? require.main.exports
          : start(__dirname, compile(__dirname, "program", {}), "program", require);`,
      resolveDir: ".",
      sourcefile: "parts.ts",
    },
    entryNames: "parts",
  },
  {
    ...common,
    entryPoints: { kmsprobe: "src/kmsprobe.ts" },
    banner: { js: "#!/usr/bin/env node" },
    // A runtime that is too old has to understand it, so that it can say so.
    target: "es2015",
  },
  { ...common, entryPoints: { "sweep-worker": SWEEP_WORKER }, plugins: [quickCopies] },
  // For who makes the code cache, and for single executables: none of them stays in dist/.
  { ...common, entryPoints: { start: "src/start.ts", executable: "src/executable.ts" } },
  // ink comes as ES modules with a top-level await: a small file that the program requires imports them, natively.
  { ...common, entryPoints: { tui: TUI }, supported: {}, plugins: [besidePlugin] },
  {
    ...common,
    entryPoints: { "tui-view": TUI_VIEW },
    outExtension: { ".js": ".mjs" },
    format: "esm",
    supported: {},
    define,
    plugins: [withoutDevtools, inkWithoutMemory],
    // It asks for Node's own modules only, and in a single executable it comes from no file.
    banner: {
      js: 'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(process.execPath);',
    },
  },
];

/**
 * Bundles everything, and writes nothing.
 *
 * @returns the files by their name in dist/; esbuild's metafiles; and the legal comments that stand in the sources
 */
export async function bundled() {
  const made = { files: new Map(), metafiles: [], legalComments: [] };
  const alone = await bundle(programOf(programWith(new Map(), [])));
  const [output] = Object.values(alone.metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  const parts = await partsIn(
    Object.fromEntries(Object.keys(output.inputs).map((file) => [file, alone.metafile.inputs[file]])),
  );
  for (const options of askingBundles(parts)) await add(made, options);
  await add(made, programOf(programWith(parts, [...made.files.values()])));
  for (const options of BUNDLES) await add(made, options);
  return made;
}

async function bundle(options) {
  return await build({
    outExtension: { ".js": ".cjs" },
    ...options,
    outdir: "dist",
    write: false,
    metafile: true,
  });
}

async function add({ files, metafiles, legalComments }, options) {
  const { outputFiles, metafile } = await bundle(options);
  metafiles.push(metafile);
  for (const { path: file, text } of outputFiles) {
    if (file.endsWith(".LEGAL.txt")) legalComments.push(text);
    else files.set(path.basename(file), options.splitting ? await commonjs(text) : text);
  }
}

/** The library as an ES module: what it is made of stands beside the program already. */
export async function libraryModule() {
  const { exports } = (
    await build({
      entryPoints: ["src/library.ts"],
      format: "esm",
      bundle: true,
      packages: "external",
      platform: "node",
      write: false,
      metafile: true,
      outdir: "lib",
      logLevel: "warning",
    })
  ).metafile.outputs["lib/library.js"];
  return `import library from "../library.cjs";\nexport const { ${exports.toSorted().join(", ")} } = library;\n`;
}

async function commonjs(text) {
  const { target, supported, minify } = common;
  return (
    await transform(text, { format: "cjs", platform: "node", charset: "utf8", target, supported, minify })
  ).code;
}
