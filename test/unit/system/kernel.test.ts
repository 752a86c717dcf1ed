import { describe, expect, test } from "vitest";
import { findOtherEnd, findSocket, kernelViewOf, takenHere } from "../../../src/system/kernel.ts";

// From /proc/self/net/tcp and tcp6 of Linux 6.18, x86-64; the lines of TCP_SYN_SENT and of the retransmissions were
// made from an ESTABLISHED one.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   1: 0100007F:7010 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 90705 1 0000000008ee5920 100 0 0 10 0                     
  11: 0100007F:9E4C C9FB477F:5A2B 06 00000000:00000000 03:00000074 00000000     0        0 0 3 0000000024aa643b                                      
  85: 0100007F:7012 0100007F:7010 01 0038D286:00000000 04:0000001E 00000000     0        1 90708 2 00000000279dbb2f 20 0 0 17 -1                     
  90: 0100007F:931A 0100007F:7010 01 00000000:00000000 00:00000000 00000000     0        0 90706 1 0000000098e44106 20 0 0 10 -1                     
  91: 0A00470A:C001 0B02470A:0698 01 000000A0:00000000 01:00000033 00000003     0        0 90710 2 0000000098e44107 20 0 0 10 -1                     
  92: 0A00470A:C002 0B02470A:0698 02 00000001:00000000 01:00000033 00000002     0        0 90711 2 0000000098e44108 20 0 0 10 -1                     
 145: 0100007F:7010 0100007F:7012 01 00000000:0001FBE5 00:00000000 00000000     0        0 90709 1 0000000002c8e895 20 8 0 10 -1                     
`;

const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:73F8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 90823 1 00000000ef46ba42 100 0 0 10 0
   1: 00000000000000000000000001000000:73F8 00000000000000000000000001000000:73FA 01 00000000:0001FBDC 00:00000000 00000000     0        0 90827 1 000000009839d3ad 20 8 0 10 -1
   5: 00000000000000000000000001000000:73FA 00000000000000000000000001000000:73F8 01 0038D208:00000000 04:00000021 00000000     0        1 90826 2 000000006b8bf746 20 0 0 17 -1
   6: 000071FD010000000000000010000000:9C40 000071FD020000000000000011000000:0698 01 000000A0:00000000 01:00000021 00000001     0        0 90828 2 000000006b8bf747 20 0 0 17 -1
   7: 000080FE00000000FF2202114455334F:9C41 000080FE00000000FF2202114455334E:0698 01 00000000:00000000 00:00000000 00000000     0        0 90829 2 000000006b8bf748 20 0 0 17 -1
`;

const at = (address: string, port: number): { address: string; port: number } => ({ address, port });

describe("findSocket", () => {
  test("a socket whose peer has everything", () => {
    expect(findSocket(TCP, at("127.0.0.1", 37658), at("127.0.0.1", 28688))).toEqual({
      state: "ESTABLISHED",
      unacknowledgedBytes: 0,
      retransmissions: 0,
      probesWindow: false,
    });
  });

  test("a socket that faces a closed window: bytes wait, nothing is sent again, the window is asked for", () => {
    expect(findSocket(TCP, at("127.0.0.1", 28690), at("127.0.0.1", 28688))).toEqual({
      state: "ESTABLISHED",
      unacknowledgedBytes: 0x38d286,
      retransmissions: 0,
      probesWindow: true,
    });
  });

  test("a socket whose bytes are lost: they are sent again", () => {
    expect(findSocket(TCP, at("10.71.0.10", 49153), at("10.71.2.11", 1688))).toEqual({
      state: "ESTABLISHED",
      unacknowledgedBytes: 160,
      retransmissions: 3,
      probesWindow: false,
    });
  });

  test("states are called by their names", () => {
    expect(findSocket(TCP, at("10.71.0.10", 49154), at("10.71.2.11", 1688))?.state).toBe("SYN_SENT");
    expect(findSocket(TCP, at("127.0.0.1", 40524), at("127.71.251.201", 23083))?.state).toBe("TIME_WAIT");
    expect(findSocket(TCP, at("127.0.0.1", 28688), at("0.0.0.0", 0))?.state).toBe("LISTEN");
  });

  test("the two ends of one connection are told apart", () => {
    expect(findSocket(TCP, at("127.0.0.1", 28688), at("127.0.0.1", 28690))?.unacknowledgedBytes).toBe(0);
  });

  test("IPv6 sockets are found in their own table", () => {
    expect(findSocket(TCP6, at("::1", 29690), at("::1", 29688))).toEqual({
      state: "ESTABLISHED",
      unacknowledgedBytes: 0x38d208,
      retransmissions: 0,
      probesWindow: true,
    });
    expect(findSocket(TCP6, at("fd71:0:0:1::10", 40000), at("fd71:0:0:2::11", 1688))).toEqual({
      state: "ESTABLISHED",
      unacknowledgedBytes: 160,
      retransmissions: 1,
      probesWindow: false,
    });
  });

  test("the zone of a link-local address is not in the table", () => {
    expect(
      findSocket(
        TCP6,
        at("fe80::1102:22ff:4f33:5544%eth0", 40001),
        at("fe80::1102:22ff:4e33:5544%eth0", 1688),
      ),
    ).toMatchObject({ state: "ESTABLISHED" });
  });

  test.each([
    ["another local port", at("127.0.0.1", 37659), at("127.0.0.1", 28688)],
    ["another remote port", at("127.0.0.1", 37658), at("127.0.0.1", 28689)],
    ["another address", at("127.0.0.2", 37658), at("127.0.0.1", 28688)],
    ["an IPv6 address in the IPv4 table", at("::1", 29690), at("::1", 29688)],
  ])("%s is not found", (_, local, remote) => {
    expect(findSocket(TCP, local, remote)).toBeNull();
  });

  test.each([
    "",
    "\n\n",
    "  sl  local_address rem_address   st",
    "no table at all",
    "1: 0100007F:931A 0100007F:7010",
  ])("%j holds no socket", (text) => {
    expect(findSocket(text, at("127.0.0.1", 37658), at("127.0.0.1", 28688))).toBeNull();
  });

  test.each([
    "1: 0100007F:931A 0100007F:7010 01 queues 00:00000000 00000000",
    "1: 0100007F:931A 0100007F:7010 01 00000000:00000000 00:00000000 often",
  ])("a line without numbers, %j, says nothing", (line) => {
    expect(findSocket(line, at("127.0.0.1", 37658), at("127.0.0.1", 28688))).toBeNull();
  });

  test("a state this program doesn't know keeps its number", () => {
    const line = "1: 0100007F:931A 0100007F:7010 0F 00000001:00000000 00:00000000 00000002";
    expect(findSocket(line, at("127.0.0.1", 37658), at("127.0.0.1", 28688))).toEqual({
      state: "state 0F",
      unacknowledgedBytes: 1,
      retransmissions: 2,
      probesWindow: false,
    });
  });
});

describe("findOtherEnd", () => {
  // sshuttle on the client 10.99.1.2, whose connection to 10.99.2.14:1688 was redirected to its port 12300.
  const TAKEN = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:300C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 90705 1 0 100 0 0 10 0
   1: 0201630A:C001 0E02630A:0698 01 00000000:00000000 00:00000000 00000000     0        0 90706 1 0 20 0 0 10 -1
   2: 0100007F:300C 0201630A:C001 01 00000000:00000000 00:00000000 00000000     0        0 90707 1 0 20 0 0 10 -1
`;
  const us = at("10.99.1.2", 49153);

  test("is at a port of this machine where a rule redirects us there", () => {
    expect(findOtherEnd(TAKEN, us, at("10.99.2.14", 1688))).toBe(12300);
  });

  test("is at that port for a listener on :: as well, which sees IPv4 mapped", () => {
    const mapped =
      "   2: 0000000000000000FFFF00000100007F:300C 0000000000000000FFFF00000201630A:C001 01 00000000:00000000";
    expect(findOtherEnd(mapped, us, at("10.99.2.14", 1688))).toBe(12300);
  });

  test("is not taken for our own, which stands in the table as well", () => {
    const own = TAKEN.split("\n").slice(0, 3).join("\n");
    expect(findOtherEnd(own, us, at("10.99.2.14", 1688))).toBeNull();
  });

  test("is not that of a connection which is over and had our port before", () => {
    const over = TAKEN.replace(
      "0201630A:C001 01 00000000:00000000 00:00000000 00000000     0        0 90707",
      "0201630A:C001 06 00000000:00000000 00:00000000 00000000     0        0 0",
    );
    expect(over).not.toBe(TAKEN);
    expect(findOtherEnd(over, us, at("10.99.2.14", 1688))).toBeNull();
  });

  test("is the host itself where any line says so, whatever others say", () => {
    const both = `${TAKEN}   3: 0E02630A:0698 0201630A:C001 01 00000000:00000000 00:00000000 00000000     0        0 90708 1 0 20 0 0 10 -1\n`;
    expect(findOtherEnd(both, us, at("10.99.2.14", 1688))).toBeNull();
  });

  test("is nobody's business where this machine is the host that was asked for", () => {
    expect(findOtherEnd(TCP, at("127.0.0.1", 28690), at("127.0.0.1", 28688))).toBeNull();
  });

  test("is elsewhere, where the table has none", () => {
    expect(findOtherEnd(TCP, at("10.71.0.10", 49153), at("10.71.2.11", 1688))).toBeNull();
  });
});

test("a socket that was reset before it was looked at has no ends, and nothing is known of it", async () => {
  expect(await takenHere(at("", 0), at("10.99.2.14", 1688))).toBeNull();
  expect(await takenHere(at("10.99.1.2", 49153), at("", 0))).toBeNull();
  expect(await kernelViewOf(at("", 0), at("", 0))).toBeNull();
});
