// What the program's file holds stands in no other: the other files ask that one for it, by names that the build gives.
import path from "node:path";
import { build } from "esbuild";

/** `part12_judge`: of the twelfth module, what it exports as `judge`. */
const NAME = /\bpart\d+_[\w$]+/g;

/**
 * What others may ask the program for: its own modules, and the packages that those import.
 *
 * @param inputs of the program's bundle, as esbuild's metafile has them
 * @returns each module's file, or package's name, with the names that it exports
 */
export async function partsIn(inputs) {
  const files = Object.keys(inputs).filter((file) => file.startsWith("src/"));
  const { metafile } = await build({
    entryPoints: files,
    bundle: false,
    write: false,
    metafile: true,
    outdir: "out",
    format: "esm",
    logLevel: "warning",
  });
  const parts = new Map();
  for (const { entryPoint, exports } of Object.values(metafile.outputs)) parts.set(entryPoint, exports);
  const imports = files.flatMap((file) => inputs[file].imports);
  const packages = new Set(
    imports
      .filter((each) => each.kind === "import-statement" && each.path.startsWith("node_modules/"))
      .map((each) => each.original),
  );
  for (const name of packages) parts.set(name, Object.keys(await import(name)));
  return new Map([...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** For the other bundles: what the program holds is asked of it, in `parts.cjs`. */
export function askingFor(parts) {
  const places = [...parts.keys()];
  return {
    name: "asking-for-parts",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path: wanted, resolveDir, importer, kind, namespace }) => {
        if (namespace === "part") return { path: wanted, external: true };
        if (kind !== "import-statement" || !path.relative(".", importer).startsWith("src")) return undefined;
        const place = wanted.startsWith(".")
          ? path.relative(".", path.resolve(resolveDir, wanted)).replaceAll(path.sep, "/")
          : wanted;
        // What nobody uses of it isn't asked for.
        return parts.has(place) ? { path: place, namespace: "part", sideEffects: false } : undefined;
      });
      onLoad({ filter: /./, namespace: "part" }, ({ path: place }) => {
        const names = parts.get(place).map((name) => `part${places.indexOf(place)}_${name} as ${name}`);
        return { contents: `export { ${names.join(", ")} } from "./parts.cjs";` };
      });
    },
  };
}

/**
 * The program's first module: it exports how to run it, and what the others ask for.
 *
 * @param texts of the other bundles
 */
export function programWith(parts, texts) {
  const places = [...parts.keys()];
  const asked = new Set(texts.flatMap((text) => text.match(NAME) ?? []));
  const names = [...asked].toSorted((a, b) => (a < b ? -1 : 1));
  const lines = names.map((name) => {
    const [, index, exported] = /^part(\d+)_(.*)$/.exec(name) ?? [];
    const place = places[Number(index)];
    return `import { ${exported} as ${name} } from "${place.startsWith("src/") ? "./" : ""}${place}";`;
  });
  // As plain values: a getter for each, which esbuild would make of exports, takes some milliseconds of every start.
  const exported = `module.exports = { ${["run", ...names].join(", ")} };`;
  return ['import { run } from "./src/main.ts";', ...lines, exported].join("\n");
}
