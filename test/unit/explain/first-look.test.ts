/** How often each line of a text is looked at, counted: by that the time is linear, on any machine. */
import { describe, expect, it } from "vitest";
import { linesOf } from "../../../src/explain/clean.ts";
import type { Line } from "../../../src/explain/clean.ts";
import { decodeText } from "../../../src/explain/decode.ts";
import { pieceAt, piecesIn } from "../../../src/explain/explain.ts";
import { mayBegin } from "../../../src/explain/first-look.ts";
import { MUTATIONS } from "./mutations.ts";
import { samplesIn } from "./score.ts";

const TEXTS = [...samplesIn("samples"), ...samplesIn("own")].map(({ bytes }) => decodeText(bytes).text);

const DIGITS = /^\d+$/;

/** How often a line is read out of the list of all, for each that there is. */
function readsALine(text: string): { reads: number; kinds: string[] } {
  const lines = linesOf(text);
  let reads = 0;
  const counted = new Proxy(lines, {
    get(target, key): unknown {
      if (typeof key === "string" && DIGITS.test(key)) reads += 1;
      return Reflect.get(target, key);
    },
  });
  const { found } = piecesIn(counted);
  return { reads: reads / lines.length, kinds: found.map(({ kind }) => kind) };
}

function passedOver(lines: readonly Line[]): number[] {
  return lines.flatMap((line, at) => (mayBegin(line) ? [] : [at]));
}

describe("the first look at a line", () => {
  it(
    "passes over none that a recogniser would take, in any paste and whatever was done to it",
    { timeout: 60_000 },
    () => {
      const missed = [{ name: "whole", apply: (text: string) => text }, ...MUTATIONS].flatMap(
        ({ name, apply }) =>
          TEXTS.flatMap((text) => {
            const lines = linesOf(apply(text));
            return passedOver(lines)
              .filter((at) => lines[at]?.text !== "" && pieceAt(lines, at) !== null)
              .map((at) => `${name}: ${lines[at]?.text ?? ""}`);
          }),
      );
      expect([...new Set(missed)]).toEqual([]);
    },
  );

  it.each([
    ["Message: The client has sent an activation request to the key management service", "event"],
    ["Key Management Service failed to start. hr=0xC004F015", "event"],
    ["Active Directory Activation has succeeded", "event"],
    ["License Activation (slui.exe) failed with the following error code:\nhr=0xC004F074", "event"],
    ["VLActivationInterval : 120\nLicenseStatus : 5", "cim"],
    ["ID : 2de67392-b7a7-462a-b1ca-108dd189f588\nLicenseStatus : 5\nGracePeriodRemaining : 0", "cim"],
    ["DisableDnsPublishing    REG_DWORD    0x1", "registry"],
    ['"DisableDnsPublishing"=dword:00000001', "registry"],
    ["EnableKmsLowPriority    REG_DWORD    0x1", "registry"],
    ["DiscoveredKeyManagementServiceName : kms1.corp.example", "registry"],
    ['"Name","LicenseStatus","PartialProductKey"\n"Windows(R), Professional edition","5","T83GX"', "cim"],
    [
      "3/14/2026 9:12:44 AM         12288 Information      The client has sent an activation request",
      "event",
    ],
    ["Initial grace period ends 4/2/2026 3:21:07 PM", "slmgr-xpr"],
    ["Имя: Windows(R), Professional edition\nСостояние: имеет лицензию", "slmgr-dli"],
    ["Navn: Windows(R), Professional edition", "slmgr-dli"],
    ["Beskrivelse: Windows(R) Operating System, VOLUME_KMSCLIENT channel", "slmgr-dli"],
    ["<No installed product keys detected>", "ospp-dstatus"],
    ["ERROR/HOST: 0x800706BA, 0x00000000, kms1.corp.example", "ospp-dhistorykms"],
    ["AVVISO: TCP connect to (127.0.0.1 : 1688) failed", "test-netconnection"],
    ["Test-NetConnection kms1 -Port 1688 -InformationLevel Quiet\nFalse", "test-netconnection"],
    ["nc: connect to kms1 port 1688 (tcp) failed: Connection refused", "telnet"],
    ["Connection to kms1 1688 port [tcp/*] succeeded!", "telnet"],
    ["Trying 127.0.0.1...\nConnected to kms1.", "telnet"],
    ["TCP connect to kms1:1688:\nThis operation returned because the timeout period expired.", "psping"],
    ["DNS request timed out.\n    timeout was 2 seconds.", "nslookup"],
    ["_vlmcs._tcp.corp.example has SRV record 0 0 1688 kms1.corp.example.", "nslookup"],
    ["sppsvc  Disabled Stopped", "sc-query"],
    ["Stratum: 4 (secondary reference)\nSource: dc1.corp.example", "w32tm"],
    ["KeyManagementServiceName    REG_SZ    kms1.corp.example", "registry"],
    ["DiscoveredKeyManagementServiceName    REG_SZ    kms1.corp.example", "registry"],
    ["Windows(R), Professional edition:\nVolume activation will expire 1/2/2027 3:04:05 AM", "slmgr-xpr"],
    ["Volume activation will expire 1/2/2027 3:04:05 AM", "slmgr-xpr"],
    ["Automatic VM activation will expire 1/2/2027 3:04:05 AM", "slmgr-xpr"],
    ["批量激活将于 2027/1/2 3:04:05 过期", "slmgr-xpr"],
    ["此计算机已永久激活。", "slmgr-xpr"],
    ["De machine is onbeperkt geactiveerd.", "slmgr-xpr"],
    ["The machine is permanently activated.", "slmgr-xpr"],
    ["Product activated successfully.", "slmgr-ato"],
    ["成功地激活了产品。", "slmgr-ato"],
    ["WARNING: TCP connect to (192.0.2.1 : 1688) failed", "test-netconnection"],
    ["InterfaceAlias : Ethernet", "test-netconnection"],
    ["PingReplyDetails (RTT) : 1 ms", "test-netconnection"],
    ["NameResolutionResults : 192.0.2.1", "test-netconnection"],
    [
      "Verbindungsaufbau zu kms1...Es konnte keine Verbindung hergestellt werden, Port 1688: Fehler",
      "telnet",
    ],
    ["TCP    0.0.0.0:1688    0.0.0.0:0    ABHÖREN    1234", "netstat"],
    ["Resolve-DnsName : _vlmcs._tcp.corp.example : DNS name does not exist", "resolve-dnsname"],
    ["Сервер:  ns1.corp.example\n*** ns1 can't find _vlmcs._tcp.corp.example: Query refused", "nslookup"],
    ["サーバー:  ns1.corp.example\n*** ns1 can't find _vlmcs._tcp.corp.example: Server failed", "nslookup"],
    ["Running  sppsvc  Software Protection", "sc-query"],
    ["ИМЯ_СЛУЖБЫ: sppsvc\nСостояние : 4 RUNNING", "sc-query"],
    ["kms1 [192.0.2.1:123]\n10:11:12, -00.0001234s", "w32tm"],
    ["10:11:12, d:+00.0000000s o:+00.0001234s  [  *  ]", "w32tm"],
    ["10:11:12, error: 0x800705B4", "w32tm"],
  ])("%s", (text, kind) => {
    expect(readsALine(`see below\n\n${text}\n\nthat was all\n`).kinds).toContain(kind);
  });

  it.each([
    ["a log", (at: number) => `Nov 28 13:15:${at % 60} host app[${at}]: request ${at} took ${at % 97} ms`],
    ["times", (at: number) => `13:15:${10 + (at % 50)} GET /index.html ${at}`],
    ["hexadecimal digits", (at: number) => Math.imul(at + 1, 0x9e_37_79_b1).toString(16)],
    ["very short lines", (at: number) => String(at % 10)],
    ["words", () => "nothing of interest"],
    ["another script", () => "ничего интересного"],
  ])("is the only one at %s", (_, line) => {
    const lines = Array.from({ length: 3_000 }, (__, at) => line(at));
    // A look, and a second one for the odd line that begins as a label does.
    expect(readsALine(lines.join("\n")).reads).toBeLessThan(1.02);
  });
});

/** How often each of so many like lines is read. */
function readsOf(line: string, times: number): number {
  return readsALine(Array.from({ length: times }, () => line).join("\n")).reads;
}

/** As many beginnings as one test takes. */
const PART = 100;

describe("lines that begin something again and again", () => {
  /** One of each beginning that a paste has, with its value and without a sound one; then some that none has. */
  const BEGINNINGS = new Map(
    TEXTS.flatMap((text) => linesOf(text))
      .filter((line) => mayBegin(line))
      .map(({ text }) => [
        text
          .replace(/[:=].*$/, "")
          .trim()
          .slice(0, 24),
        text,
      ]),
  );
  const LINES = [
    ...[...BEGINNINGS].flatMap(([label, line]) => [line, `${label}: ?`]),
    "TCP    192.0.2.1:49152    192.0.2.2:443    ESTABLISHED    1234",
    "Tracking kms1 [192.0.2.1:123].",
    "Installed product key detected - attempting to activate the following product:",
  ];

  const PARTS = Array.from({ length: Math.ceil(LINES.length / PART) }, (_, at) => ({
    from: at * PART,
    lines: LINES.slice(at * PART, (at + 1) * PART),
  }));

  it.each(PARTS)(
    "are not read to the end of the text from each of them: from $from",
    { timeout: 60_000 },
    ({ lines }) => {
      // From each to the end would be 150 a line of 300, and twice that of twice as many. Who reads as much of 100 as of
      // 50 has an end to what it reads: most lines need not be laid 300 times.
      const often = lines
        .filter((line) => {
          const reads = readsOf(line, 100);
          return reads > 66 || reads > readsOf(line, 50) + 3;
        })
        .map((line) => ({ line, reads: readsOf(line, 300) }))
        .filter(({ reads }) => reads > 100);
      expect(often).toEqual([]);
    },
  );
});
