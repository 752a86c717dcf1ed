import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startProgram } from "../support/kmsprobe.ts";
import { programPath } from "./available.ts";
import { makeServerDir, removeServerDir } from "./process.ts";

/** Files of a root by their paths in it, and folders of this machine that it has as well, read-only. */
export type Booted = { files: Readonly<Record<string, string>>; seen: Readonly<Record<string, string>> };

const LIMIT_MS = 150_000;

const TARGET = "trial.target";
const UNITS = {
  [`etc/systemd/system/${TARGET}`]:
    "[Unit]\nDescription=what is tried\nRequires=sysinit.target\nWants=trial.service\n",
  // However it ends, so does the machine.
  "etc/systemd/system/trial.service":
    "[Unit]\nAfter=sysinit.target\n[Service]\nType=oneshot\nExecStart=/bin/bash /opt/trial.sh\nExecStopPost=/bin/systemctl poweroff --force --force\n",
};
const BASE = {
  "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "etc/nsswitch.conf": "passwd: files systemd\ngroup: files systemd\nhosts: files dns\n",
};

/**
 * Boots systemd as the first process of a container that has this machine's /usr and a loopback interface of its own, runs a
 * script of bash there as root, and powers it off.
 *
 * @returns what the script said, on both of its outputs
 */
export async function bootSystemd(script: string, { files, seen }: Booted): Promise<string> {
  const dir = await makeServerDir("systemd");
  try {
    const folders = ["usr", "etc", "opt", "root", "var", "tmp", "run", "proc", "sys", "dev", "results"];
    for (const folder of folders) await mkdir(join(dir, folder));
    await chmod(dir, 0o755);
    await chmod(join(dir, "tmp"), 0o1777);
    for (const folder of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${folder}`, join(dir, folder));
    const all = {
      ...BASE,
      "etc/os-release": await readFile("/etc/os-release", "utf8"),
      ...UNITS,
      ...files,
      "opt/trial.sh": `exec > /results/said 2>&1\nexport PATH=/usr/sbin:/usr/bin\n${script}`,
    };
    for (const [file, text] of Object.entries(all)) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), text);
    }
    const args = [
      `--directory=${dir}`,
      ...Object.entries({ "/usr": "/usr", ...seen }).map(([inside, here]) => `--bind-ro=${here}:${inside}`),
      "--boot",
      "--private-network",
      "--register=no",
      // Where systemd is not what runs this machine, there is no unit to make for it.
      ...(existsSync("/run/systemd/system") ? [] : ["--keep-unit"]),
      `--machine=kmsprobe-${process.pid}`,
      "--console=pipe",
      `systemd.unit=${TARGET}`,
    ];
    const env = { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" };
    const { finished } = startProgram(programPath("systemd-nspawn"), args, { env }, LIMIT_MS);
    const { stderr, stdout } = await finished;
    return await readFile(join(dir, "results/said"), "utf8").catch(() => {
      throw new Error(`systemd did not come so far: ${stdout}${stderr}`);
    });
  } finally {
    await removeServerDir(dir);
  }
}
