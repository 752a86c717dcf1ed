/** The units of docs/monitoring as systemd itself runs them: started, read again, killed, stopped, and by their socket. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { needs } from "./servers/available.ts";
import { bootSystemd } from "./servers/systemd.ts";
import { PROGRAM } from "./support/kmsprobe.ts";

const DOCS = fileURLToPath(new URL("../../docs/monitoring/", import.meta.url));
const RUN = "/opt/node /opt/dist/kmsprobe.cjs";

/** Prints `WHAT: VALUE` lines. */
const SCRIPT = String.raw`
say() { echo "$1: $2"; }
show() { systemctl show -P "$1" kmsprobe-serve; }
healthy() { curl -s -m "$1" -o /dev/null -w '%{http_code}' 127.0.0.1:9688/-/healthy; }
metrics() { curl -s -m 5 127.0.0.1:9688/metrics; }
# until COMMAND: at most 30 s
until_so() { for _ in $(seq 150); do "$@" > /dev/null 2>&1 && return 0; sleep 0.2; done; echo "never came to it: $*"; }
answers() { [ "$(healthy 2)" = 200 ]; }
seen() { metrics | grep -q "$1"; }

systemd-run -q --unit=lab ${RUN} demo --serve
until_so eval 'journalctl -u lab -o cat | grep -q "check -d lab.test"'
port=$(journalctl -u lab -o cat | sed -n 's/.*check -d lab.test -r 127.0.0.1:\([0-9]*\).*/\1/p' | head -1)
sed -i "s/PORT/$port/" /etc/kmsprobe/serve.yaml

systemctl enable --now kmsprobe-serve 2> /dev/null
say started $?
until_so answers
until_so seen '^kms_host_verdict.*target="lab.test"'
until_so seen '^kms_host_verdict.*target="\[::1\]:1"'
say lab "$(metrics | sed -n 's/^kms_host_verdict.*host="kms1.lab.test".*verdict="\([^"]*\)".*/\1/p')"
say ipv6 "$(metrics | sed -n 's/^kms_host_verdict.*target="\[::1\]:1".*verdict="\([^"]*\)".*/\1/p')"
pid=$(show MainPID)
uid=$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' /proc/$pid/status)
say user "$([ "$uid" -ge 61184 ] && [ "$uid" -le 65519 ] && echo dynamic || echo "$uid")"
say kept "$(sed -n 's/^\(CapEff\|CapBnd\|NoNewPrivs\|Seccomp\):\t//p' /proc/$pid/status | tr '\n' ' ')"

sed -i 's/place: here/place: there/' /etc/kmsprobe/serve.yaml
systemctl reload kmsprobe-serve
say reloaded $?
until_so seen '^kms_probe_success{place="there"'
say pid-after-reload "$([ "$(show MainPID)" = "$pid" ] && echo same)"

kill -KILL "$pid"
sleep 1
until_so answers
say restarts "$(show NRestarts)"

systemctl stop kmsprobe-serve
say stopped "$(show ActiveState) $(show Result) $(show ExecMainStatus)"

systemctl enable --now kmsprobe-serve.socket kmsprobe-serve.service 2> /dev/null
until_so answers
say socket "$(tr '\0' '\n' < /proc/$(show MainPID)/environ | grep LISTEN_FDS=)"
systemctl stop kmsprobe-serve.service 2> /dev/null
say by-socket "$(healthy 10)"

cp /etc/kmsprobe/serve.yaml /root/sound.yaml
echo 'nonsense: [' >> /etc/kmsprobe/serve.yaml
systemctl restart kmsprobe-serve
healthy 40 > /results/late &
# Longer than five starts at once, or than the time in which systemd counts them.
sleep 12
say mistaken "$(systemctl is-active kmsprobe-serve) $(systemctl is-active kmsprobe-serve.socket)"
cp /root/sound.yaml /etc/kmsprobe/serve.yaml
wait
say mended "$(cat /results/late) $(systemctl is-active kmsprobe-serve) $(systemctl is-active kmsprobe-serve.socket)"
say warnings "$(journalctl -b -o cat _PID=1 | grep -c 'kmsprobe.*\(Unknown\|ignor\|obsolete\|deprecated\)')"
`;

async function unit(name: string): Promise<string> {
  return (await readFile(join(DOCS, name), "utf8")).replace("/usr/local/bin/kmsprobe", RUN);
}

test.skipIf(needs("linux", "root", "systemd-nspawn", "curl").skip)(
  "systemd starts, reads again, restarts and stops the exporter, and its socket outlives a mistake in the configuration",
  async () => {
    const configuration = stringify({
      version: 1,
      place: "here",
      modules: { kms: { resolvers: ["127.0.0.1:PORT"], timeout: "1s", "rpc-timeout": "1s", retries: 0 } },
      targets: ["lab.test", "[::1]:1"].map((target) => ({ target, interval: "2s" })),
      allow: ["127.0.0.0/8"],
      "min-interval": "1s",
    });
    const files = {
      "etc/systemd/system/kmsprobe-serve.service": await unit("kmsprobe-serve.service"),
      "etc/systemd/system/kmsprobe-serve.socket": await unit("kmsprobe-serve.socket"),
      "etc/kmsprobe/serve.yaml": configuration,
    };
    const seen = { "/opt/node": process.execPath, "/opt/dist": dirname(PROGRAM) };
    const said = await bootSystemd(SCRIPT, { files, seen });
    expect(said.trimEnd().split("\n")).toEqual([
      "started: 0",
      "lab: rpc-serves",
      "ipv6: tcp-refused",
      "user: dynamic",
      // No capability, none to be had, no new privileges, a filter of system calls.
      "kept: 0000000000000000 0000000000000000 1 2 ",
      "reloaded: 0",
      "pid-after-reload: same",
      "restarts: 1",
      "stopped: inactive success 0",
      "socket: LISTEN_FDS=1",
      "by-socket: 200",
      "mistaken: activating active",
      "mended: 200 active active",
      "warnings: 0",
    ]);
  },
  180_000,
);
