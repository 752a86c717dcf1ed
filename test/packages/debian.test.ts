/** The Debian package: what lintian says of it, what installing it brings, and what removing it leaves. */
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, inject, test } from "vitest";
import { needs, programPath } from "../integration/servers/available.ts";
import { startProgram } from "../integration/support/kmsprobe.ts";
import { makeEmptyRoot } from "./empty-root.ts";
import { verdictsOf } from "./verdicts.ts";

const FOLDER = inject("packages");
const { skip } = needs("linux", "root", "lintian", "mandoc", "dpkg-deb", "unshare", "mount");
const files = (await readdir(FOLDER)).filter((name) => name.endsWith(".deb")).toSorted();
/** A machine that is busy with other things takes so long for what costs 40 s of processor time. */
const SLOW_MS = 600_000;

/**
 * This machine's own files with a layer above them that is thrown away, in a mount namespace; $1 is the package. What is
 * tried there prints a line each.
 */
const INSTALLING = `
set -euo pipefail
mount -t tmpfs none "$2"
mkdir "$2"/{upper,work,root}
mount -t overlay none -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc none "$2/root/proc"
mount --rbind /dev "$2/root/dev"
cp "$1" "$2/root/kmsprobe.deb"
exec chroot "$2/root" /bin/bash -euo pipefail -c '
  export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
  before=$(find /usr /etc -path "*kmsprobe*" -not -path "/usr/local/*" | sort)
  # A small system may leave manual pages out.
  apt-get -qq -y --no-install-recommends -o "Dpkg::Options::=--path-include=*" install /kmsprobe.deb >&2
  echo "installed $(dpkg-query --show --showformat="\\\${db:Status-Abbrev}" kmsprobe)"
  echo "at $(command -v kmsprobe)"
  echo "version $(kmsprobe --version)"
  kmsprobe check 127.0.0.1:1 > /tmp/checked || echo "check ends with $?"
  echo "says $(head -n 1 /tmp/checked)"
  for page in kmsprobe kmsprobe-check; do
    echo "manual $(mandoc -T ascii "/usr/share/man/man1/$page.1.gz" | head -n 1 | cut -d " " -f 1)"
  done
  echo "bash $(bash -c "source /usr/share/bash-completion/completions/kmsprobe; complete -p kmsprobe" | sed "s/ -o .*-F/ -F/")"
  apt-get -qq -y remove kmsprobe >&2
  hash -r
  echo "removed $(command -v kmsprobe || echo "and gone")"
  test "$before" = "$(find /usr /etc -path "*kmsprobe*" -not -path "/usr/local/*" | sort)" && echo "nothing is left"
'
`;

describe.skipIf(skip)("the Debian packages", () => {
  test("are one for each architecture", () => {
    expect(files.map((name) => name.replace(/_[^_]+_/, "_VERSION_"))).toEqual([
      "kmsprobe_VERSION_amd64.deb",
      "kmsprobe_VERSION_arm64.deb",
    ]);
  });

  test(
    "are clean to lintian",
    async () => {
      // It takes most of a minute to read one; they differ in the executable alone, as the next test says.
      const args = ["--fail-on=error,warning", "--allow-root", path.join(FOLDER, files[0] ?? "")];
      const linted = await startProgram(programPath("lintian"), args, {}, SLOW_MS).finished;
      expect(linted).toMatchObject({ code: 0, stdout: "" });
    },
    SLOW_MS,
  );

  test("hold the same files, and an executable of their architecture", async () => {
    const [amd64, arm64] = await Promise.all(files.map(contents));
    expect(amd64?.length).toBeGreaterThan(30);
    expect(arm64).toEqual(amd64);
    const architectures = [];
    for (const name of files) {
      const shown = await startProgram("dpkg-deb", ["--field", path.join(FOLDER, name), "Architecture"])
        .finished;
      architectures.push(shown.stdout.trim());
    }
    expect(architectures).toEqual(["amd64", "arm64"]);
    const machine = await Promise.all(
      ["kmsprobe-linux-x64", "kmsprobe-linux-arm64"].map((name) => machineOf(path.join(FOLDER, name))),
    );
    // ELF's numbers for x86-64 and AArch64.
    expect(machine).toEqual([62, 183]);
  });

  test("hold the pages that their README leads to, and what a machine is set up from", async () => {
    const listed = await contents(files[0] ?? "");
    for (const name of [
      "check.md",
      "monitoring/README.md",
      "monitoring/serve.yaml",
      "monitoring/kmsprobe-serve.service",
    ])
      expect(listed.filter((line) => line.endsWith(` ./usr/share/doc/kmsprobe/docs/${name}`))).toHaveLength(
        1,
      );
  });

  test(
    "are installed with all that they need, found, run, and removed without a trace",
    async () => {
      const file = path.join(FOLDER, files[0] ?? "");
      const place = await mkdtemp(path.join(os.tmpdir(), "kmsprobe-debian-"));
      const args = ["--mount", "bash", "-c", INSTALLING, "bash", file, place];
      const { code, stdout, stderr } = await startProgram("unshare", args, {}, SLOW_MS).finished;
      await rm(place, { recursive: true });
      expect(stdout.trimEnd().split("\n"), stderr).toEqual([
        "installed ii ",
        "at /usr/bin/kmsprobe",
        expect.stringMatching(/^version \d+\.\d+\.\d+$/),
        "check ends with 1",
        expect.stringContaining("says "),
        "manual KMSPROBE(1)",
        "manual KMSPROBE-CHECK(1)",
        expect.stringMatching(/^bash complete .*-F _kmsprobe/),
        "removed and gone",
        "nothing is left",
      ]);
      expect(code).toBe(0);
    },
    SLOW_MS,
  );

  test("hold what runs the demo in a root that has nothing but C libraries", async () => {
    const root = await makeEmptyRoot(path.join(FOLDER, "kmsprobe-linux-x64"));
    try {
      const unpacked = ["--extract", path.join(FOLDER, files[0] ?? ""), root.folder];
      expect((await startProgram("dpkg-deb", unpacked).finished).code).toBe(0);
      const { code, stdout, stderr } = await root.run("/usr/bin/kmsprobe", "demo", "--format", "json");
      expect(code, stderr).toBe(0);
      expect(verdictsOf(stdout).length).toBeGreaterThan(10);
    } finally {
      await root.remove();
    }
  });
});

/** Modes, owners and names; sizes differ. */
async function contents(name: string): Promise<string[]> {
  const listed = await startProgram("dpkg-deb", ["--contents", path.join(FOLDER, name)]).finished;
  return listed.stdout.split("\n").map((line) => line.replace(/(\S+ \S+) +\d+/, "$1"));
}

async function machineOf(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(20), 0, 20, 0);
    return buffer.readUInt16LE(18);
  } finally {
    await handle.close();
  }
}
