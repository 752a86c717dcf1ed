import { describe, expect, test } from "vitest";
import { countIn } from "../../../src/system/ipsec.ts";
import { preloadedProxy } from "../../../src/system/preload.ts";

// From /proc/net/xfrm_stat of Linux 6.18.
const STAT = `XfrmInError             \t0
XfrmInNoStates          \t7
XfrmOutError            \t0
XfrmOutNoStates         \t42
XfrmOutPolBlock         \t3
`;

describe("packets thrown away for want of a security association", () => {
  test("are counted by the kernel", () => {
    expect(countIn(STAT)).toBe(42);
  });

  test.each(["", "XfrmInNoStates 3\n", "XfrmOutNoStates x\n"])("are not known from %j", (text) => {
    expect(countIn(text)).toBeNull();
  });
});

describe("a preloaded proxy", () => {
  test.each([
    ["/usr/lib/x86_64-linux-gnu/libproxychains.so.4", "libproxychains.so.4"],
    ["libfaketime.so.1:/usr/lib/torsocks/libtorsocks.so", "libtorsocks.so"],
    ["/usr/lib/libtsocks.so /usr/lib/libother.so", "libtsocks.so"],
  ])("is named, of LD_PRELOAD=%s", (value, name) => {
    expect(preloadedProxy({ LD_PRELOAD: value })).toBe(name);
  });

  test.each([undefined, "", "/usr/lib/faketime/libfaketime.so.1"])("is none in LD_PRELOAD=%s", (value) => {
    expect(preloadedProxy(value === undefined ? {} : { LD_PRELOAD: value })).toBeNull();
  });
});
