// The software bill of materials of what a release has, as CycloneDX: npm's own counts what is installed, and not what is
// within these files.
import { createHash } from "node:crypto";
import { Contrib, Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import { RUNTIMES, runtime } from "../runtimes.mjs";
import { EXECUTABLES } from "./executables.mjs";
import { librariesOf, packageOf } from "./image.mjs";
import { runProgram } from "./programs.mjs";

const licences = new Contrib.License.Factories.LicenseFactory();
const { Library, Application, Platform } = Enums.ComponentType;

/**
 * @param release its `version` and `description`, and the `date` that its files have
 * @param packages those that are bundled, as `packagesIn` has them
 * @param executable one for this machine: the image has the libraries that it needs
 * @returns JSON
 */
export async function billOf(release, packages, executable) {
  const bom = new Models.Bom();
  bom.metadata.timestamp = release.date;
  const program = component(
    Application,
    { name: "kmsprobe", ...release, licence: "MIT" },
    "pkg:npm/kmsprobe",
  );
  bom.metadata.component = program;
  const parts = [
    ...packages.map((each) => component(Library, each, `pkg:npm/${each.name.replace("@", "%40")}`)),
    await nodeComponent(),
    ...(await libraryComponents(executable)),
  ];
  for (const part of parts) {
    bom.components.add(part);
    program.dependencies.add(part.bomRef);
  }
  // The same files have the same number.
  bom.serialNumber = `urn:uuid:${uuidOf(parts.map(({ purl }) => purl).join(" ") + release.version)}`;
  const spec = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${spec.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function component(type, { name, version, licence, description }, purl) {
  const made = new Models.Component(type, name, {
    version,
    bomRef: `${purl}@${version}`,
    purl: `${purl}@${version}`,
    description,
  });
  if (licence !== undefined) made.licenses.add(licences.makeFromString(licence));
  return made;
}

/** Node.js, with what it is made of itself, and the packages of npm that it was taken from. */
async function nodeComponent() {
  const node = await runtime("node22");
  const { node: version, ...within } = JSON.parse(
    await runProgram(node, ["-p", "JSON.stringify(process.versions)"]),
  );
  const made = component(Platform, { name: "node", version, licence: "MIT" }, "pkg:generic/node");
  for (const [name, its] of Object.entries(within))
    if (/^\d/.test(its) && !["modules", "napi"].includes(name))
      made.components.add(component(Library, { name, version: its }, `pkg:generic/${name}`));
  for (const { node: key } of Object.values(EXECUTABLES)) {
    const taken = RUNTIMES[key];
    const hash = Buffer.from(taken.integrity.replace("sha512-", ""), "base64").toString("hex");
    made.externalReferences.add(
      new Models.ExternalReference(
        `https://registry.npmjs.org/${taken.name}/-/${taken.name}-${taken.version}.tgz`,
        Enums.ExternalReferenceType.Distribution,
        { hashes: new Models.HashDictionary([[Enums.HashAlgorithm["SHA-512"], hash]]) },
      ),
    );
  }
  return made;
}

/** Of Debian, in the image alone. */
async function libraryComponents(executable) {
  const found = new Map();
  for (const library of await librariesOf(executable)) {
    const each = await packageOf(library);
    found.set(each.name, each);
  }
  return [...found.values()].map((each) => {
    const made = component(Library, each, `pkg:deb/debian/${encodeURIComponent(each.name)}`);
    made.scope = Enums.ComponentScope.Optional;
    return made;
  });
}

/** A version 4 in shape, by RFC 9562; made of a text. */
function uuidOf(text) {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
