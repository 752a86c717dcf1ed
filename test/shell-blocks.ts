/** What README.md, CONTRIBUTING.md and docs/ give a shell to do. */
import fs from "node:fs";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "..");

/** Every page that users and newcomers read. */
export const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "src/model/README.md",
  "findings/README.md",
  ...fs
    .readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.posix.join("docs", file.replaceAll(path.sep, "/"))),
];

export function readDocument(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), "utf8");
}

/** Lines of its shell blocks, each whole. */
export function shellLines(file: string): string[] {
  return Array.from(
    readDocument(file).matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```/gm),
    ([, block = ""]) => block.replaceAll(/\\\n\s*/g, " ").split("\n"),
  ).flat();
}
