import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programPath } from "../servers/available.ts";

/** Puts two files over this machine's, sets a host name, and runs the rest, all in namespaces of its own. */
const SCRIPT = `
set -eu
mount --bind "$1" /etc/resolv.conf
mount --bind "$2" /etc/hosts
hostname "$3"
shift 3
exec "$@"
`;

export type OwnNames = {
  wrapper: readonly string[];
  /** While it runs, as DHCP or a VPN does. */
  rewrite: (resolvConf: string) => Promise<void>;
  remove: () => Promise<void>;
};

/**
 * A program that runs another on this machine under another name, with other suffixes, resolvers and hosts. Nothing
 * outside of that process sees it. Needs root.
 */
export async function ownNames(names: {
  resolvConf: string;
  hosts?: string;
  hostname?: string;
}): Promise<OwnNames> {
  const { resolvConf, hosts = "127.0.0.1 localhost\n", hostname = "probe" } = names;
  const folder = await mkdtemp(join(tmpdir(), "kmsprobe-names-"));
  const files = [join(folder, "resolv.conf"), join(folder, "hosts")] as const;
  await Promise.all([writeFile(files[0], resolvConf), writeFile(files[1], hosts)]);
  const unshare = [programPath("unshare"), "--mount", "--uts"];
  return {
    wrapper: [...unshare, "sh", "-c", SCRIPT, "sh", ...files, hostname],
    rewrite: (text) => writeFile(files[0], text),
    remove: () => rm(folder, { recursive: true }),
  };
}
