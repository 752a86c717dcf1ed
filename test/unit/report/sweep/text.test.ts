import { describe, expect, it } from "vitest";
import { renderSweepText } from "../../../../src/report/sweep/text.ts";
import { assemble } from "../../../../src/sweep/assemble.ts";
import type { SweepLine, SweepReport } from "../../../../src/sweep/model.ts";
import { end, line, many, net, plan, start } from "../../sweep/builders.ts";
import { sweepScenes } from "./scenes.ts";

function text(lines: readonly SweepLine[], { verbose = false, width = 100 } = {}): string {
  return renderSweepText(assemble([start(), ...lines]), { color: false, verbose, width });
}

const silent = (third: number) => net(`10.1.${third}.0/24`, { "tcp-no-answer": 254 });

/** A subnet of 256 of which so many were looked at. */
const part = (third: number, covered: number) => {
  return { ...net(`10.1.${third}.0/24`, { "tcp-refused": covered }), planned: 256, covered };
};

describe("the text of a sweep", () => {
  it.each([60, 80, 100, 160])("fits into %d columns, but for commands and addresses", (width) => {
    for (const report of [
      sweepScenes["sweep-campus"],
      sweepScenes["sweep-gaps"],
      sweepScenes["sweep-shard"],
    ]) {
      const lines = renderSweepText(report, { color: false, verbose: true, width }).split("\n");
      const wide = lines.filter((each) => each.length > width && !each.startsWith("         "));
      expect(wide).toEqual([]);
    }
  });

  it("tells subnets that are alike in one line, two of a kind or more", () => {
    const said = text([
      end([
        silent(1),
        silent(2),
        silent(3),
        net("10.1.4.0/24", { "tcp-refused": 254 }),
        net("10.1.5.0/24", { "tcp-refused": 1, "tcp-no-answer": 253 }),
      ]),
    ]);
    expect(said).toContain(
      "  10.1.4.0/24  254: 254 refused\n  10.1.5.0/24  254: 1 refused, 253 no answer\n  3 more subnets: no answer at all\n",
    );
    expect(said).not.toContain("10.1.2.0/24");
    expect(text([end([silent(1), silent(2)])])).toContain("By subnet\n  2 subnets: no answer at all\n");
    expect(text([end([silent(1)])])).toContain("  10.1.1.0/24  254: 254 no answer\n");
  });

  it("does not say of all of a subnet what was seen of a part", () => {
    const whole = net("10.1.9.0/24", { "tcp-refused": 256 });
    expect(text([end([part(1, 3), part(2, 40), whole])])).toContain(
      "By subnet\n  10.1.9.0/24  256: 256 refused\n  2 more subnets: 43 of 512 addresses looked at, all refused\n",
    );
  });

  it("counts commands that are too long to be copied, and says so once", () => {
    const report: SweepReport = JSON.parse(JSON.stringify(sweepScenes["sweep-campus"]));
    const commands = report.reconcile?.rows
      .flatMap(({ findings }) => findings.flatMap(({ next }) => next))
      .filter(({ command }) => command !== null);
    for (const step of commands ?? []) step.command = `dnscmd ${"x".repeat(2_000)}`;
    expect(commands?.length).toBeGreaterThan(1);
    const said = renderSweepText(report, { color: false, verbose: true, width: 100 });
    expect(said.match(/too long for a line/g)).toHaveLength(1);
    expect(said).toContain(`     ${commands?.length} commands too long for a line: see the JSON report\n`);
    expect(said).not.toContain("dnscmd x");
  });

  it("counts no port as a subnet", () => {
    const ports = [1688, 1689, 1700];
    const nets = ports.map((port) => net("10.1.3.0/24", { "tcp-refused": 256 }, { port }));
    const report = assemble([start({ plan: plan({ ports }) }), end(nets)]);
    expect(renderSweepText(report, { color: false, verbose: false, width: 100 })).toContain(
      "By subnet and port\n  3 pairs of subnet and port: all refused\n",
    );
  });

  it("never folds a subnet in which anybody connects", () => {
    const said = text([end([1, 2].map((third) => net(`10.1.${third}.0/24`, { "rpc-serves": 1 })))]);
    expect(said).toContain("  10.1.1.0/24  1: 1 serves\n  10.1.2.0/24  1: 1 serves\n");
  });

  it("tells of 40 subnets, those with hosts among them, and of all when asked", () => {
    const nets = Array.from({ length: 100 }, (_, index) =>
      net(
        `10.1.${index}.0/24`,
        index === 99 ? { "rpc-serves": 1, "tcp-refused": 1 } : { "tcp-refused": 1, "tcp-no-answer": 1 },
      ),
    );
    const shown = text([end(nets)]);
    expect(shown.match(/^ {2}10\.1\.\d+\.0\/24/gm)).toHaveLength(40);
    expect(shown).toContain(
      "  10.1.99.0/24  2: 1 serves, 1 refused\n  and 60 more subnets: --verbose shows them\n",
    );
    expect(text([end(nets)], { verbose: true }).match(/^ {2}10\.1\.\d+\.0\/24/gm)).toHaveLength(100);
  });

  it("tells of 20 hosts that do not serve, what got furthest first, and of all when asked", () => {
    const hosts = [...many("10.1.3", 30, "rpc-closed"), line("10.1.3.200", "rpc-interface-unknown")];
    const shown = text(hosts);
    expect(shown.match(/^✗ 10\.1\.3\./gm)).toHaveLength(20);
    expect(shown).toMatch(/^✗ 10\.1\.3\.200:1688 .*no KMS interface\n✗ 10\.1\.3\.1:1688 /m);
    expect(shown).toContain("  and 11 more: --verbose shows them\n");
    expect(text(hosts, { verbose: true }).match(/^✗ 10\.1\.3\./gm)).toHaveLength(31);
  });

  it("keeps silent about lines of addresses that nobody asked for and that did not connect", () => {
    const lines = [
      line("10.1.3.1", "tcp-refused"),
      line("10.1.3.2", "tcp-refused", { names: ["kms1.corp.example"] }),
    ];
    const said = text(lines);
    expect(said).not.toContain("10.1.3.1:1688");
    expect(said).toMatch(/^✗ 10\.1\.3\.2:1688 {2}kms1\.corp\.example .*refused$/m);
  });

  it("says how many hosts no report holds", () => {
    const report = { ...assemble([start(), line("10.1.3.1", "rpc-closed")]), hostsDropped: 1_234 };
    const said = renderSweepText(report, { color: false, verbose: false, width: 100 });
    expect(said).toContain("1,235 more connect and would not serve");
    expect(said).toContain("  and 1,234 more that no report holds: the counts by subnet have them\n");
  });
});
