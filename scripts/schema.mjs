// Writes schema/report-v1.json from the one definition in src/model.ts.
import { writeFileSync } from "node:fs";
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: {
    contents: `import { z } from "zod"; import { reportSchema } from "./src/model.ts"; export default z.toJSONSchema(reportSchema, { target: "draft-2020-12", io: "output" });`,
    resolveDir: ".",
  },
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
});
const [file] = outputFiles;
const { default: schema } = await import(`data:text/javascript;base64,${Buffer.from(file.contents).toString("base64")}`);
writeFileSync("schema/report-v1.json", `${JSON.stringify(schema, null, 2)}\n`);
