import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { programPath } from "./available.ts";
import { withShiftedClock } from "./faketime.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";
import { accepts } from "./tcp-answers.ts";

const run = promisify(execFile);

/**
 * Starts nginx: plain HTTP on `port`, HTTPS with a certificate nobody trusts on `httpsPort`.
 * @param settings.shiftSeconds how far its clock is ahead of this machine's
 */
export async function startNginx(
  settings: { address?: string; shiftSeconds?: number } = {},
): Promise<RunningServer & { httpsPort: number }> {
  const address = settings.address ?? loopbackAddress();
  const port = await freePort(address);
  const httpsPort = await freePort(address);
  const dir = await makeServerDir("nginx");
  const { cert, key } = await makeCertificate(dir);
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const conf = join(dir, "nginx.conf");
  await writeFile(
    conf,
    `daemon off;
user root;
worker_processes 1;
pid ${join(dir, "nginx.pid")};
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
${scratch.map((name) => `  ${name}_temp_path ${join(dir, name)};\n`).join("")}
  server {
    listen ${url(address, port)};
    listen ${url(address, httpsPort)} ssl;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    location / { return 200 "a web server\\n"; }
  }
}
`,
  );
  const daemon = { command: programPath("nginx"), args: ["-e", "stderr", "-p", dir, "-c", conf] };
  const { output, stop } = await startProcess({
    ...withShiftedClock(daemon, settings.shiftSeconds ?? 0),
    dir,
    ready: async () => (await accepts(address, port)) && (await accepts(address, httpsPort)),
  });
  return { address, port, httpsPort, output, stop };
}

/** Starts sshd with a host key of its own. Nobody can log in; it shows its banner and waits. */
export async function startSshd(settings: { address?: string } = {}): Promise<RunningServer> {
  const address = settings.address ?? loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir("sshd");
  // Debian's sshd insists on this directory (privilege separation), and where no service ran it is missing.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const hostKey = join(dir, "host_key");
  await run(programPath("ssh-keygen"), ["-q", "-t", "ed25519", "-N", "", "-f", hostKey]);
  const conf = join(dir, "sshd_config");
  const lines = [
    `ListenAddress ${address}`,
    `HostKey ${hostKey}`,
    "PidFile none",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    `AuthorizedKeysFile ${join(dir, "nobody")}`,
    // The default drops connections at random once ten are waiting to log in, as all of ours are.
    "MaxStartups 1000",
    "",
  ];
  await writeFile(conf, lines.join("\n"));
  const { output, stop } = await startProcess({
    command: programPath("sshd"),
    args: ["-D", "-e", "-f", conf, "-p", String(port)],
    dir,
    ready: (said) => said.includes("Server listening on"),
  });
  return { address, port, output, stop };
}

/** Starts `openssl s_server`: a TLS server that closes without a word when it is not spoken TLS to. */
export async function startOpensslServer(settings: { address?: string } = {}): Promise<RunningServer> {
  const address = settings.address ?? loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir("openssl");
  const { cert, key } = await makeCertificate(dir);
  const { output, stop } = await startProcess({
    command: programPath("openssl"),
    // -www: without it the server reads its stdin, and ends with it.
    args: ["s_server", "-accept", url(address, port), "-cert", cert, "-key", key, "-www"],
    dir,
    ready: (said) => said.includes("ACCEPT"),
  });
  return { address, port, output, stop };
}

async function makeCertificate(dir: string): Promise<{ cert: string; key: string }> {
  const cert = join(dir, "cert.pem");
  const key = join(dir, "key.pem");
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await run(programPath("openssl"), ["req", ...kind, "-subj", "/CN=localhost", "-keyout", key, "-out", cert]);
  return { cert, key };
}

function url(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
