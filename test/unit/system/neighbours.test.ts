import { describe, expect, it } from "vitest";
import { createNeighbours } from "../../../src/system/neighbours.ts";

/** A machine on 10.1.0.0/16, with a router for 10.1.7.0/24 and the rest, and a VPN that asks for nobody. */
const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100010A	0003	0	0	0	00000000	0	0	0
eth0	0000010A	00000000	0001	0	0	0	0000FFFF	0	0	0
eth0	0007010A	0100010A	0003	0	0	0	00FFFFFF	0	0	0
wg0	0000140A	00000000	0001	0	0	0	0000FFFF	0	0	0
`;
const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
10.1.0.1         0x1         0x2         02:42:0a:01:00:01     *        eth0
10.1.0.9         0x1         0x0         00:00:00:00:00:00     *        eth0
10.1.0.8         0x1         0x6         02:42:0a:01:00:08     *        eth0
`;

function machine(over: Record<string, string | null> = {}, platform = "linux") {
  const files: Record<string, string | null> = {
    "/proc/net/route": ROUTES,
    "/proc/net/arp": TABLE,
    "/sys/class/net/eth0/flags": "0x1003\n",
    "/sys/class/net/wg0/flags": "0x10d1\n",
    ...over,
  };
  const reads: string[] = [];
  const neighbours = createNeighbours(
    (file) => {
      reads.push(file);
      return files[file] ?? null;
    },
    platform,
    () => ["10.1.0.5/16", "fd00:1::5/64"],
  );
  return { neighbours, files, reads };
}

describe("the neighbours of this machine", () => {
  it.each([
    ["10.1.0.1", "answered"],
    ["10.1.0.8", "answered"],
    ["10.1.0.9", "unanswered"],
    ["10.1.200.7", "unasked"],
    ["10.1.7.3", "elsewhere"],
    ["192.0.2.1", "elsewhere"],
    ["10.20.0.1", "elsewhere"],
    ["fd00:1::9", "untold"],
    ["fd00:2::9", "elsewhere"],
  ])("%s is %s", (address, expected) => {
    expect(machine().neighbours.of(address, 0)).toBe(expected);
  });

  it("of whom no table tells are said to be so", () => {
    expect(machine({ "/proc/net/route": null }).neighbours.of("10.1.0.9", 0)).toBe("untold");
    expect(machine({}, "darwin").neighbours.of("10.1.0.9", 0)).toBe("untold");
    expect(machine({}, "win32").neighbours.of("192.0.2.1", 0)).toBe("elsewhere");
    expect(machine({ "/proc/net/arp": null }).neighbours.of("10.1.0.9", 0)).toBe("unasked");
  });

  it("are asked for by a device whose flags can't be read, for all that is known", () => {
    expect(machine({ "/sys/class/net/wg0/flags": null }).neighbours.of("10.20.0.1", 0)).toBe("unasked");
  });

  it("are read again as time passes, and not for each address", () => {
    const { neighbours, files, reads } = machine();
    for (let each = 0; each < 200; each++) neighbours.of("10.1.0.9", 10);
    expect(reads.filter((file) => file === "/proc/net/arp")).toHaveLength(1);
    files["/proc/net/arp"] = TABLE.replace(
      "10.1.0.9         0x1         0x0",
      "10.1.0.9         0x1         0x2",
    );
    expect(neighbours.of("10.1.0.9", 20)).toBe("unanswered");
    expect(neighbours.of("10.1.0.9", 100)).toBe("answered");
  });

  it("are nobody's in a table that is spoilt", () => {
    const spoilt = machine({
      "/proc/net/route": "eth0 xyz\n\n\u0000 1 2 3",
      "/proc/net/arp": "\n\n10.1.0.9",
    });
    expect(spoilt.neighbours.of("10.1.0.9", 0)).toBe("elsewhere");
  });
});
