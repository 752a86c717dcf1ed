import { describe, expect, it } from "vitest";
import type { AttemptEvidence } from "../../../src/model/evidence.ts";
import type { DecidesHere } from "../../../src/model/here.ts";
import type { KernelView, RpcEvidence } from "../../../src/model/rpc.ts";
import type { Via } from "../../../src/model/source.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judgeAttempt } from "../../../src/verdict/attempt.ts";
import {
  accepted,
  ack,
  ADDRESS,
  bind,
  connected,
  contexts,
  controlled,
  fault,
  garbage,
  hungUp,
  nak,
  NOTHING_HERE,
  plainBind,
  rejected,
  rpc,
  serving,
  silent,
  unconnected,
  unsent,
} from "./builders.ts";

const ENDPOINT = { host: "kms1.corp.example", port: 1688 };
const POINTER = "/endpoints/0/attempts/0";

function judged(attempt: AttemptEvidence): Verdict {
  return judgeAttempt(attempt, ENDPOINT, POINTER);
}

function judgedRpc(evidence: RpcEvidence): Verdict {
  return judged(connected(evidence));
}

/** The Windows-shaped bind and the plain one on a second connection, neither accepted. */
function both(first: Parameters<typeof rpc>[0], second: Parameters<typeof rpc>[0]): RpcEvidence {
  return rpc(first, { plain: plainBind(second) });
}

describe("TCP: what a connect came to", () => {
  it.each([
    ["deadline", "tcp-no-answer"],
    ["ETIMEDOUT", "tcp-no-answer"],
    ["ECONNREFUSED", "tcp-refused"],
    ["ECONNRESET", "tcp-reset"],
    ["EPIPE", "tcp-reset"],
    ["closed", "tcp-reset"],
    ["EHOSTUNREACH", "tcp-host-unreachable"],
    ["ENETUNREACH", "tcp-net-unreachable"],
    ["EACCES", "tcp-not-permitted"],
    ["ENOPROTOOPT", "tcp-other-error"],
    ["UNKNOWN", "tcp-other-error"],
  ] as const)("%s is %s", (cause, code) => {
    const verdict = judged(unconnected(cause, 20));
    expect(verdict.code).toBe(code);
    expect(verdict.because).toBe(`${POINTER}/tcp`);
  });

  it("states the figures of a silence: tries and seconds", () => {
    const tcp = { outcome: "no-answer", cause: "deadline", elapsedMs: 3_960, tries: 2 } as const;
    expect(judged(connected(null, { tcp })).observed).toBe(
      "10.1.0.1 port 1688 did not answer 2 connects of 4 s each.",
    );
  });

  it("asks for the firewall rule with source, destination and port", () => {
    const [first] = judged(unconnected("deadline", 4_000)).next;
    expect(first?.where).toBe("firewall");
    expect(first?.command).toBe("permit tcp from 10.8.0.6 to 10.1.0.1 port 1688");
  });

  it("says 'this machine' where the source address is not known", () => {
    const [first] = judged(unconnected("deadline", 4_000, { via: null })).next;
    expect(first?.command).toBe("permit tcp from this machine to 10.1.0.1 port 1688");
  });
});

const way = (link: Via["link"]) =>
  ({ via: { address: "10.0.2.100", interface: "tap0", link, owner: null } }) as const;

/** Handed to whom, over a cable. */
const handedTo = (nextHop: DecidesHere["nextHop"]) => ({
  ...way("ethernet"),
  here: { ...NOTHING_HERE, nextHop },
});

describe("TCP: an unreachable that took as long as a neighbour query", () => {
  it.each([
    [0.2, "tcp-host-unreachable"],
    [2_499.9, "tcp-host-unreachable"],
    [2_500, "tcp-neighbour-silent"],
    [3_060, "tcp-neighbour-silent"],
  ] as const)("EHOSTUNREACH after %d ms is %s", (elapsedMs, code) => {
    expect(judged(unconnected("EHOSTUNREACH", elapsedMs)).code).toBe(code);
  });

  it("in this machine's own subnet: nobody has it there, or it is meant to be elsewhere", () => {
    const seen = handedTo({ gateway: null, answers: false });
    const { code, causes, observed } = judged(unconnected("EHOSTUNREACH", 900, seen));
    // Another program's query was under way.
    expect(code).toBe("tcp-neighbour-silent");
    expect(observed).toContain("nobody has answered this machine's ARP or neighbour queries");
    expect(causes).toEqual([
      expect.stringMatching(/^on the same subnet/),
      expect.stringMatching(/^this machine takes 10\.1\.0\.1 for its own subnet's/),
    ]);
  });

  it("behind a gateway that answers: the last subnet, or a router on the way", () => {
    const seen = handedTo({ gateway: "10.0.0.254", answers: true });
    const { code, causes } = judged(unconnected("EHOSTUNREACH", 3_060, seen));
    expect(code).toBe("tcp-neighbour-silent");
    expect(causes.map((cause) => cause.split(":")[0])).toEqual(["behind a router", "behind a router"]);
    expect(judged(unconnected("EHOSTUNREACH", 900, seen)).code).toBe("tcp-host-unreachable");
  });

  it("behind a gateway that doesn't: it is named, and the host is left alone", () => {
    const seen = handedTo({ gateway: "10.0.0.254", answers: false });
    const { causes, next } = judged(unconnected("EHOSTUNREACH", 3_060, seen));
    expect(causes).toEqual([expect.stringContaining("gateway doesn't answer: 10.0.0.254 is off")]);
    expect(next.map(({ command }) => command)).toContain("ip neigh show 10.0.0.254");
    expect(next.map(({ where }) => where)).not.toContain("kms-host");
  });

  it.each(["deadline", "ECONNREFUSED", "EHOSTUNREACH"])(
    "in the subnet of a bridge of containers, and %s: the bridge comes first",
    (errno) => {
      const nextHop = errno === "EHOSTUNREACH" ? { gateway: null, answers: false } : null;
      const here = { ...NOTHING_HERE, nextHop, ownBridge: true };
      const { causes } = judged(unconnected(errno, 3_060, { ...way("bridge"), here }));
      expect(causes[0]).toMatch(/^tap0 is a bridge of this machine's own \(Docker, libvirt\)/);
      expect(causes.join()).not.toContain("for its own subnet's");
    },
  );

  it("is no neighbour query where this machine has an unreachable route", () => {
    const verdict = judged(unconnected("EHOSTUNREACH", 3_060, { routeErrno: "EHOSTUNREACH" }));
    expect(verdict.code).toBe("tcp-host-unreachable");
  });
});

describe("TCP: an errno of this machine's own routes against one from the path", () => {
  it.each([
    ["EHOSTUNREACH", "tcp-host-unreachable", ["an unreachable route on this machine"]],
    [
      "ENETUNREACH",
      "tcp-net-unreachable",
      ["this machine has no route there (VPN down, or its route was not pushed)"],
    ],
    ["EACCES", "tcp-not-permitted", ["a prohibit route, or a security policy of this machine"]],
  ] as const)("%s with the same answer from the routing table is certain", (errno, code, causes) => {
    const verdict = judged(unconnected(errno, 0.2, { via: null, routeErrno: errno }));
    expect(verdict).toMatchObject({ code, certainty: "certain", causes });
    expect(verdict.next.map(({ where }) => where)).not.toContain("firewall");
  });

  it.each([
    [
      "EHOSTUNREACH",
      "tcp-host-unreachable",
      [
        "a firewall rejects with ICMP host-unreachable or administratively prohibited",
        "the last router says that the host doesn't answer, or packets go in a circle",
      ],
    ],
    [
      "ENETUNREACH",
      "tcp-net-unreachable",
      [
        "a router on the path has no route there",
        "a firewall rejects with ICMP net-unreachable or net-prohibited",
      ],
    ],
    [
      "EACCES",
      "tcp-not-permitted",
      [
        "a local security policy (seccomp, SELinux, endpoint protection)",
        "over IPv6: a firewall on the path rejects as administratively prohibited",
      ],
    ],
  ] as const)("%s with a way in the routing table came from the path", (errno, code, causes) => {
    const verdict = judged(unconnected(errno, 0.2));
    expect(verdict).toMatchObject({ code, certainty: "ambiguous" });
    expect(verdict.causes).toEqual(expect.arrayContaining([...causes]));
    for (const local of ["unreachable route", "no route there (VPN", "prohibit route"])
      expect(verdict.causes.filter((text) => text.includes(local))).toEqual([]);
  });
});

describe("TCP: the way leads into a tunnel, or does not", () => {
  const LEADS_NOWHERE = /^the tunnel is up here and leads nowhere/;
  const WRONG_WAY = /^this machine sends it the wrong way/;
  it.each([
    ["deadline", "tunnel", LEADS_NOWHERE, true],
    ["deadline", "ethernet", LEADS_NOWHERE, false],
    ["ENETUNREACH", "tunnel", WRONG_WAY, false],
    ["ENETUNREACH", "ethernet", WRONG_WAY, true],
  ] as const)("%s by %s names the causes of such a link only", (cause, link, words, fits) => {
    const { causes } = judged(
      unconnected(cause, 20, { via: { address: "10.8.0.6", interface: "x0", link, owner: null } }),
    );
    expect(causes.some((text) => words.test(text))).toBe(fits);
  });
});

describe("TCP: nothing was sent", () => {
  it.each([
    ["EMFILE", null, "tcp-local-resources"],
    ["ENFILE", null, "tcp-local-resources"],
    ["ENOBUFS", null, "tcp-local-resources"],
    ["ENOMEM", null, "tcp-local-resources"],
    ["EADDRINUSE", null, "tcp-local-resources"],
    ["EADDRNOTAVAIL", null, "tcp-local-resources"],
    ["EADDRNOTAVAIL", "EADDRNOTAVAIL", "tcp-no-local-address"],
    ["EADDRNOTAVAIL", "ENETUNREACH", "tcp-no-local-address"],
    ["EAFNOSUPPORT", "EAFNOSUPPORT", "tcp-no-local-address"],
    ["EAFNOSUPPORT", null, "tcp-no-local-address"],
    ["EINVAL", "EINVAL", "tcp-blackhole-route"],
    ["EINVAL", null, "tcp-other-error"],
    ["EPERM", null, "tcp-not-permitted"],
  ] as const)("%s where the routing table says %s is %s", (errno, routeErrno, code) => {
    expect(judged(unsent(errno, { routeErrno })).code).toBe(code);
  });

  it.each(["interrupted", "deadline"] as const)("a connect ended by %s is not finished", (reason) => {
    const verdict = judged(connected(null, { tcp: { outcome: "skipped", reason } }));
    expect(verdict.code).toBe("run-cut-short");
    expect(verdict.observed).toBe(
      reason === "deadline"
        ? "Not finished: the deadline for this address passed."
        : "Not finished: the run was interrupted.",
    );
    expect(verdict.causes).toEqual([
      reason === "deadline"
        ? "the deadline for one address passed"
        : "the run was interrupted (Ctrl-C, or a signal)",
    ]);
    expect(verdict.next.map(({ command }) => command)).toEqual([
      `kmsprobe check 10.1.0.1:1688${reason === "deadline" ? " --deadline 2m" : ""}`,
    ]);
  });

  it("a connection on which no bind was tried is not finished", () => {
    expect(judged(connected(null))).toMatchObject({
      code: "run-cut-short",
      because: `${POINTER}/rpc`,
      serves: false,
    });
  });
});

describe("RPC: an accepted bind", () => {
  it("serves for certain where the control was rejected", () => {
    expect(judgedRpc(serving())).toMatchObject({
      code: "rpc-serves",
      certainty: "certain",
      because: `${POINTER}/rpc/bind`,
      observed: "10.1.0.1:1688 accepted the KMS interface, and an unknown interface UUID was rejected.",
      causes: [],
      next: [],
    });
  });

  it.each(["fault", "closed", "silent", "malformed", "not-asked"] as const)(
    "likely serves where the control got %s",
    (answer) => {
      const verdict = judgedRpc(controlled(answer));
      expect(verdict).toMatchObject({ code: "rpc-serves", serves: true, certainty: "likely" });
      expect(verdict.observed).toContain(`(${answer})`);
    },
  );

  it.each(["alter-context", "bind"] as const)("proves nothing where the control was accepted by %s", (by) => {
    expect(judgedRpc(controlled("accepted", by))).toMatchObject({
      code: "rpc-accepts-anything",
      serves: false,
      severity: "inconclusive",
      because: `${POINTER}/rpc/control`,
    });
  });

  it("serves where NDR32 is rejected and NDR64 accepted", () => {
    expect(judgedRpc(serving({ bind: bind(accepted("2/2", "0/0", "3/3")) })).code).toBe("rpc-serves");
  });

  it("does not serve where a control was accepted after a plain bind", () => {
    const evidence = rpc(silent(), {
      plain: plainBind(accepted("0/0")),
      control: { by: "alter-context", answer: "accepted" },
    });
    expect(judgedRpc(evidence).code).toBe("rpc-accepts-anything");
  });
});

describe("RPC: rejected contexts", () => {
  it.each([
    [["2/1", "2/1", "3/3"], "rpc-interface-unknown"],
    [["1/1"], "rpc-interface-unknown"],
    [["2/2", "2/1", "3/3"], "rpc-interface-unknown"],
    [["2/2", "2/2", "3/3"], "rpc-syntax-refused"],
    [["2/2"], "rpc-syntax-refused"],
    [["1/0", "1/0", "3/3"], "rpc-bind-nak"],
    [["2/0", "2/0", "2/0"], "rpc-bind-nak"],
    [["2/3", "2/2", "3/3"], "rpc-bind-nak"],
  ] as const)("results %j are %s", (results, code) => {
    expect(judgedRpc(rpc(rejected(...results)))).toMatchObject({
      code,
      serves: false,
      because: `${POINTER}/rpc/bind`,
    });
  });

  it("a bind_ack that accepts nothing is not called a bind_nak", () => {
    expect(judgedRpc(rpc(rejected("2/0", "2/0", "3/3"))).observed).toBe(
      "10.1.0.1 port 1688 answers the bind with a bind_ack that accepts no context: NDR32 2/0, NDR64 2/0.",
    );
  });

  it("a granted feature context alone proves nothing", () => {
    const btfn = contexts("2/1", "2/1", "3/3").filter(({ offered }) => offered === "BTFN");
    const evidence = rpc({ outcome: "denied", denial: { kind: "contexts", ack: ack(btfn) }, elapsedMs: 3 });
    expect(judgedRpc(evidence)).toMatchObject({ code: "rpc-bind-nak", serves: false });
  });

  it("a feature context refused with reason 1 does not make the interface unknown", () => {
    expect(judgedRpc(rpc(rejected("2/2", "2/2", "2/1"))).code).toBe("rpc-syntax-refused");
  });
});

describe("RPC: bind_nak and fault", () => {
  it.each([
    [0, "reason 0, not specified"],
    [1, "reason 1, temporary congestion"],
    [2, "reason 2, local limit exceeded"],
    [4, "reason 4, protocol version not supported"],
    [8, "reason 8, authentication type not recognised"],
    [9, "reason 9, invalid checksum"],
    [3, "reason 3, unknown"],
    [65_535, "reason 65535, unknown"],
  ] as const)("a bind_nak with reason %d is named", (reason, words) => {
    expect(judgedRpc(rpc(nak(reason)))).toMatchObject({
      code: "rpc-bind-nak",
      observed: `10.1.0.1 port 1688 answers the bind with a bind_nak: ${words}.`,
    });
  });

  it.each([
    [5, "status 0x00000005, access denied"],
    [0x1c010014, "status 0x1c010014, server too busy"],
    [0xffffffff, "status 0xffffffff"],
    [null, "without a status"],
  ] as const)("a fault with status %j is named", (status, words) => {
    expect(judgedRpc(rpc(fault(status)))).toMatchObject({
      code: "rpc-fault",
      observed: `10.1.0.1 port 1688 answers the bind with a fault: ${words}.`,
    });
  });

  it.each([
    ["a fault of access denied", fault(5), /^a policy of that machine forbids anonymous RPC/],
    ["a fault of a busy server", fault(0x1c010014), /^the RPC service is too busy/],
    ["a bind_nak of a busy server", nak(2), /^the RPC service is too busy/],
    ["a bind_nak that wants authentication", nak(8), /^the service wants authentication/],
    ["a bind_nak of another version", nak(4), /^the service takes the bind for a mistake/],
    ["a bind_nak without a reason", nak(0), /^an RPC server that refuses a bind it doesn't like/],
    ["a bind_ack out of resources", rejected("2/3", "2/3", "3/3"), /^the RPC service is too busy/],
    ["a bind_ack without a reason", rejected("2/0", "2/0", "3/3"), /^an RPC server that refuses a bind/],
    ["a fault nobody knows", fault(0xffffffff), /^an RPC server that faults on what it doesn't know/],
  ] as const)("%s has the causes of its own reason, and no others", (_, denied, first) => {
    const { causes, next } = judgedRpc(rpc(denied));
    expect(causes[0]).toMatch(first);
    const busy = /too busy/.test(causes[0] ?? "");
    expect(causes.slice(1).join()).not.toMatch(/too busy|forbids anonymous/);
    expect(next.some(({ command }) => command === "Restart-Service sppsvc")).toBe(busy);
  });

  it("the fault nca_unk_if is an unknown interface", () => {
    expect(judgedRpc(rpc(fault(0x1c010003))).code).toBe("rpc-interface-unknown");
  });
});

function began(received: string): Verdict {
  const cut = garbage("dcerpc", "the answer stops inside a PDU (deadline)");
  return judgedRpc(rpc(cut, { bind: bind(cut, { received }) }));
}

describe("RPC: an answer that stops inside its PDU", () => {
  it("was cut on its way first of all, and is not called what can't answer a bind", () => {
    const { code, causes, observed } = began("05000c03100000006c0000000100000000d016");
    expect(code).toBe("rpc-malformed");
    expect(causes[0]).toMatch(/^the rest of the answer was lost on the way back/);
    expect(observed).toContain("begins like DCE/RPC and the answer stops inside a PDU");
  });

  it("and a whole one was not cut", () => {
    const { causes, observed } = began("05000c031000000010000000010000000");
    expect(causes[0]).toMatch(/^a broken or half-built imitation/);
    expect(observed).toContain("is none that can answer a bind");
  });
});

describe("RPC: an answer in another language", () => {
  it("names the protocol it looks like, and shows how it begins", () => {
    const received = Buffer.from("HTTP/1.1 400 Bad Request\r\n").toString("hex");
    const verdict = judgedRpc(rpc(garbage("http"), { bind: bind(garbage("http"), { received }) }));
    expect(verdict.code).toBe("rpc-not-dcerpc");
    expect(verdict.observed).toBe(
      "What answers at 10.1.0.1 port 1688 speaks no DCE/RPC: it looks like http (begins 485454502f312e312034303020426164).",
    );
  });

  it("says what is wrong where no protocol is recognised", () => {
    const verdict = judgedRpc(rpc(garbage("unknown", "rpc_vers is 9, not 5")));
    expect(verdict.observed).toBe(
      "What answers at 10.1.0.1 port 1688 speaks no DCE/RPC: rpc_vers is 9, not 5 (begins with nothing).",
    );
  });

  it("is garbled RPC where it begins like RPC", () => {
    expect(judgedRpc(rpc(garbage("dcerpc", "frag_length is 8, outside 16 to 5840"))).code).toBe(
      "rpc-malformed",
    );
  });
});

function view(unacknowledgedBytes: number, retransmissions: number, probesWindow = false): KernelView {
  return { state: "ESTABLISHED", unacknowledgedBytes, retransmissions, probesWindow };
}

describe("RPC: silence, and what the kernel knows of it", () => {
  const ACKNOWLEDGED = [
    "a SYN proxy or load balancer accepts for a server that doesn't answer",
    "the service hangs or is overloaded",
    "a proxy holds the connection and its backend is dead",
    "a proxy or forwarder is at its connection limit and leaves this one in its queue (haproxy maxconn, socat max-children)",
    "a load balancer puts a PROXY header in front of the bind, or a forwarder wraps it in TLS, and the service waits for what that would announce",
    "the answer is lost on the way back",
    "another service listens, which waits for its own language",
  ];

  it.each([
    ["acknowledged", view(0, 0), "; the peer's TCP acknowledged our bytes", "ambiguous"],
    [
      "not acknowledged and sent again",
      view(160, 5),
      "; our 160 bytes were not acknowledged, and sent again",
      "likely",
    ],
    [
      "not acknowledged, and not yet sent again",
      view(160, 0),
      "; our 160 bytes were not acknowledged;",
      "likely",
    ],
    [
      "held back by a shut window",
      view(160, 0, true),
      "; the peer's TCP window stays shut, so our bytes never left",
      "likely",
    ],
  ] as const)("our bytes %s", (_, kernel, words, certainty) => {
    const verdict = judgedRpc(both(silent(kernel), silent(kernel)));
    expect(verdict).toMatchObject({ code: "rpc-no-answer", certainty });
    expect(verdict.observed).toContain(words);
  });

  it.each([
    [view(0, 0), ACKNOWLEDGED.slice(1)],
    [
      view(160, 5),
      [
        "the bind was lost on the way: a device drops data after the handshake (inspection, payload filter, asymmetric path)",
        "a path that loses larger packets and hides it (MTU, ICMP filtered)",
      ],
    ],
    [view(160, 0, true), ACKNOWLEDGED.slice(0, 1)],
  ] as const)("%j leaves only the causes that fit it", (kernel, causes) => {
    expect(judgedRpc(both(silent(kernel), silent(kernel))).causes).toEqual(causes);
  });

  it("leaves every cause but the larger packets where the kernel says nothing", () => {
    expect(judgedRpc(both(silent(), silent()))).toMatchObject({
      certainty: "ambiguous",
      causes: [
        "the bind was lost on the way: a device drops data after the handshake (inspection, payload filter, asymmetric path)",
        ...ACKNOWLEDGED,
      ],
    });
  });

  it("is told by the Windows-shaped bind, which a client sends", () => {
    expect(judgedRpc(both(silent(view(0, 0)), silent(view(72, 4)))).causes).toEqual(ACKNOWLEDGED.slice(1));
  });

  it("keeps an errno that ended the silence", () => {
    expect(judgedRpc(both(hungUp("ETIMEDOUT"), silent())).observed).toContain(": ETIMEDOUT");
  });
});

describe("RPC: close and reset, between which chance decides", () => {
  it.each([
    ["closed", "closed", "rpc-closed"],
    ["closed", "ECONNRESET", "rpc-closed"],
    ["ECONNRESET", "closed", "rpc-closed"],
    ["EPIPE", "closed", "rpc-closed"],
    ["ECONNRESET", "ECONNRESET", "rpc-reset"],
    ["EPIPE", "EPIPE", "rpc-reset"],
    ["ECONNRESET", "deadline", "rpc-reset"],
    ["deadline", "closed", "rpc-no-answer"],
    ["deadline", "ECONNRESET", "rpc-no-answer"],
  ] as const)("the first bind met %s and the plain one %s: %s", (first, second, code) => {
    expect(judgedRpc(both(hungUp(first), hungUp(second)))).toMatchObject({
      code,
      because: `${POINTER}/rpc/bind`,
    });
  });

  it.each([
    [{ outcome: "not-sent", errno: "EMFILE" }],
    [{ outcome: "skipped", reason: "interrupted" }],
  ] as const)("a second bind that could not be made (%j) leaves the first to decide", (second) => {
    expect(judgedRpc(both(hungUp("closed"), second)).code).toBe("rpc-closed");
  });
});

/** Binds that met a reset, and what became of a connection on which nothing was said. */
function left(end: "closed" | "reset" | "silent" | "not-connected", elapsedMs = 1): RpcEvidence {
  return { ...both(hungUp("ECONNRESET"), hungUp("ECONNRESET")), unprompted: { end, elapsedMs } };
}

describe("RPC: a peer that ends a connection on which nothing is said", () => {
  it.each([
    ["closed", "rpc-closed", "unprompted"],
    ["reset", "tcp-reset", "unprompted"],
    ["silent", "rpc-reset", "bind"],
    ["not-connected", "rpc-reset", "bind"],
  ] as const)("left alone it was %s: %s, whatever the binds met", (end, code, because) => {
    expect(judgedRpc(left(end))).toMatchObject({ code, because: `${POINTER}/rpc/${because}` });
  });

  it("is the same verdict as a reset before the connect was seen", () => {
    expect(judgedRpc(left("reset")).code).toBe(judged(unconnected("ECONNRESET", 1)).code);
  });

  it("says that it did not wait for a bind", () => {
    expect(judgedRpc(left("closed")).observed).toContain("closes it without waiting for a bind");
  });

  it.each([
    [3_060, /^it ended after 3\.1 s, about as long as a forwarder's unanswered ARP query takes/],
    [20_100, /^it ended after 20\.1 s, about as long as haproxy's four connects/],
    [60_000, /^it ended after 60 s, about as long as nginx waits/],
    [133_700, /^it ended after 133\.7 s, about as long as Linux tries/],
  ])("after %d ms the forwarder whose limit that is comes first", (elapsedMs, words) => {
    for (const end of ["closed", "reset"] as const) {
      const verdict = judgedRpc(left(end, elapsedMs));
      expect(verdict.causes[0]).toMatch(words);
      expect(verdict.certainty).toBe("ambiguous");
    }
  });

  it("after any other time names no limit", () => {
    expect(judgedRpc(left("closed", 1_500)).causes.filter((text) => /about as long/.test(text))).toEqual([]);
  });
});

describe("what on this machine decides in place of the network", () => {
  it("a container's made-up network: silence says nothing, and is no dead tunnel", () => {
    const verdict = judged(unconnected("deadline", 4_000, way("user-mode")));
    expect(verdict.code).toBe("tcp-no-answer");
    expect(verdict.causes[0]).toMatch(/^the container's network is made up by a program/);
    expect(verdict.causes.filter((text) => text.startsWith("the tunnel"))).toEqual([]);
    expect(verdict.next[0]?.command).toContain("--network host");
  });

  it.each([
    ["user-mode", 76_000],
    ["ethernet", 15_030],
  ] as const)("a refusal over %s after %d ms is somebody's who gave up: no answer", (link, elapsedMs) => {
    const verdict = judged(unconnected("ECONNREFUSED", elapsedMs, way(link)));
    expect(verdict.code).toBe("tcp-no-answer");
    expect(verdict.causes.join("\n")).toContain("something in between gave up after");
  });

  it("a preloaded proxy says ECONNREFUSED for every failure: never 'the host is there'", () => {
    const verdict = judged(
      unconnected("ECONNREFUSED", 1_100, { here: { ...NOTHING_HERE, preloaded: "libproxychains.so.4" } }),
    );
    expect(verdict).toMatchObject({ code: "tcp-proxy-failed", certainty: "ambiguous" });
    expect(verdict.observed).toContain("libproxychains.so.4");
    expect(verdict.causes.join("\n")).not.toContain("the host is there");
  });

  it.each(["deadline", "EHOSTUNREACH"])("a link without carrier comes first of the causes of %s", (cause) => {
    const verdict = judged(
      unconnected(cause, 4_000, { ...way("tunnel"), here: { ...NOTHING_HERE, noCarrier: true } }),
    );
    expect(verdict.causes[0]).toMatch(/^tap0 has no carrier/);
    expect(verdict.next[0]?.command).toBe("ip -d link show dev tap0");
  });

  it("an IPsec policy without an association comes first", () => {
    const verdict = judged(
      unconnected("deadline", 4_000, { here: { ...NOTHING_HERE, ipsecWithoutState: true } }),
    );
    expect(verdict.causes[0]).toMatch(/^an IPsec policy of this machine takes the packets/);
    expect(verdict.next[0]?.command).toContain("ip xfrm policy");
  });

  it("nobody answers for an address in a tunnel: its other end may be gone, and nothing is likely", () => {
    const verdict = judged(unconnected("EHOSTUNREACH", 3_060, way("tunnel")));
    expect(verdict).toMatchObject({ code: "tcp-neighbour-silent", certainty: "ambiguous" });
    expect(verdict.causes[0]).toMatch(/^the tunnel is up here and its other end is gone/);
  });

  it.each([0.2, 1_020])(
    "a host in a tunnel is unreachable after %d ms: no peer may have its address",
    (ms) => {
      const verdict = judged(unconnected("EHOSTUNREACH", ms, way("tunnel")));
      expect(verdict).toMatchObject({ code: "tcp-host-unreachable", certainty: "ambiguous" });
      expect(verdict.causes[0]).toMatch(/no peer has 10\.1\.0\.1 in its AllowedIPs, or that peer's endpoint/);
      expect(verdict.next[0]).toMatchObject({ where: "here", command: "wg show tap0" });
    },
  );

  it.each([
    ["ethernet", null],
    ["tunnel", "EHOSTUNREACH"],
  ] as const)("no peer is blamed on %s with the route's errno %s", (link, routeErrno) => {
    const verdict = judged(unconnected("EHOSTUNREACH", 0.2, { ...way(link), routeErrno }));
    expect(verdict.causes.filter((text) => text.includes("AllowedIPs"))).toEqual([]);
    expect(verdict.next.filter(({ command }) => command?.startsWith("wg "))).toEqual([]);
  });

  it("a missing route is an interface's that is down, and which one is told", () => {
    const deadLinks = [
      { interface: "eth0", state: "down" },
      { interface: "wlan0", state: "no-carrier" },
    ] as const;
    const here = { ...NOTHING_HERE, deadLinks: [...deadLinks] };
    const verdict = judged(unconnected("ENETUNREACH", 0.2, { via: null, routeErrno: "ENETUNREACH", here }));
    expect(verdict).toMatchObject({ code: "tcp-net-unreachable", certainty: "certain" });
    expect(verdict.causes).toEqual([
      "an interface of this machine can't be used, and its routes are gone with it: eth0 is down, wlan0 has no carrier",
      "this machine has no route there (VPN down, or its route was not pushed)",
    ]);
    expect(verdict.next[0]?.command).toBe("ip -br addr");
  });

  it("the network in a tunnel is unreachable: its own daemon says so", () => {
    const [first] = judged(unconnected("ENETUNREACH", 0.3, way("tunnel"))).causes;
    expect(first).toMatch(/^the tunnel's own daemon on this machine/);
  });

  it.each([
    [
      "EINVAL",
      "127.0.0.1",
      "certain",
      "127.0.0.1 is an address that never leaves this machine, or its own link",
    ],
    [
      "EINVAL",
      "fe80::1%eth0",
      "certain",
      "fe80::1%eth0 is an address that never leaves this machine, or its own link",
    ],
    [
      "EINVAL",
      "10.9.0.2",
      "likely",
      "a rule of this machine's routing policy throws away what leaves from 10.9.0.2",
    ],
    ["EADDRNOTAVAIL", "10.9.0.2", "certain", "10.9.0.2 is no address of this machine any more"],
  ] as const)("%s from %s is the source's, %s", (errno, refusedSource, certainty, cause) => {
    const verdict = judged(unsent(errno, { routeErrno: errno, here: { ...NOTHING_HERE, refusedSource } }));
    expect(verdict).toMatchObject({ code: "tcp-source-refused", certainty, causes: [cause] });
  });

  it.each([
    ["down", "is down: switched off, or its VPN is not connected"],
    ["no-carrier", "has no carrier: a cable, or the program at the other end, is gone"],
    ["no-address", "has no address: DHCP gave none, or none is configured"],
  ] as const)("a source whose interface is there and %s is named with that state", (state, words) => {
    const here = { ...NOTHING_HERE, sourceFault: { interface: "vpn0", state } };
    const cause = `the interface vpn0, the source, ${words}`;
    for (const attempt of [
      unsent("EAFNOSUPPORT", { routeErrno: "EAFNOSUPPORT", here }),
      unsent("EADDRNOTAVAIL", { routeErrno: "EADDRNOTAVAIL", here }),
      unconnected("ENETUNREACH", 0.2, { routeErrno: "ENETUNREACH", here }),
    ])
      expect(judged(attempt)).toMatchObject({
        code: "tcp-source-unusable",
        certainty: "certain",
        causes: [cause],
      });
    // Packets left by another interface: then it is one cause of several.
    const waited = judged(unconnected("deadline", 4_000, { here }));
    expect(waited).toMatchObject({ code: "tcp-no-answer", certainty: "ambiguous" });
    expect(waited.causes[0]).toBe(cause);
    expect(waited.causes.length).toBeGreaterThan(3);
  });

  it("EINVAL without a chosen source is a blackhole route, but towards 0.0.0.0/8", () => {
    expect(judged(unsent("EINVAL", { routeErrno: "EINVAL" })).code).toBe("tcp-blackhole-route");
    const zero = judged({ ...unsent("EINVAL", { routeErrno: "EINVAL" }), address: "0.1.2.3" });
    expect(zero).toMatchObject({ code: "tcp-other-error", certainty: "ambiguous" });
  });

  it.each([
    ["10.9.0.255", "EACCES"],
    ["255.255.255.255", "EACCES"],
    ["239.1.2.3", null],
    ["ff02::1", null],
  ])("%s is no host's alone: no route is missing, and no router is blamed", (address, routeErrno) => {
    const verdict = judged({ ...unconnected("ENETUNREACH", 0.2, { routeErrno }), address });
    expect(verdict).toMatchObject({ code: "tcp-net-unreachable", certainty: "certain" });
    expect(verdict.causes).toEqual([expect.stringContaining("is a broadcast or multicast address")]);
  });

  it("the gateway of a container's made-up network stands for a loopback outside", () => {
    const here = { ...NOTHING_HERE, userModeGateway: true };
    const verdict = judged(unconnected("ECONNREFUSED", 1, { ...way("user-mode"), here }));
    expect(verdict.causes[0]).toContain("stands for the loopback of the machine outside");
    expect(verdict.causes.join("\n")).not.toContain("the host is there");
  });
});

describe("what took the connection", () => {
  const ended = {
    ...both(hungUp("closed"), hungUp("closed")),
    unprompted: { end: "closed", elapsedMs: 1 },
  } as const;
  const controlPort = { port: 47_113, answer: "connected" };

  it("is something that accepts for every port, where the control port connects as well", () => {
    const [first] = judged(connected(ended, { controlPort })).causes;
    expect(first).toMatch(/^something on the way accepts for every port/);
  });

  it("is this machine, where the other end is in its own table", () => {
    const verdict = judged(connected(ended, { controlPort, takenHere: 12_300 }));
    expect(verdict.causes[0]).toMatch(/^a program on this machine takes the connection/);
    expect(verdict.causes.filter((text) => text.startsWith("something on the way"))).toEqual([]);
    expect(verdict.next[0]).toMatchObject({ where: "here", command: "ss -Hltnp sport = :12300" });
    expect(verdict.next.map(({ where }) => where)).not.toContain("firewall");
  });

  it("is this machine, where the way to another one leads over loopback", () => {
    const via = { address: "127.0.0.1", interface: "lo", link: "loopback", owner: null } as const;
    expect(judged(connected(ended, { via })).causes[0]).toMatch(/^a program on this machine/);
  });

  it("is the host itself on loopback: no device on a path, no balancer to ask", () => {
    const via = { address: "127.0.0.1", interface: "lo", link: "loopback", owner: null } as const;
    const reset = both(hungUp("ECONNRESET"), hungUp("ECONNRESET"));
    const verdict = judged(connected(reset, { address: "127.0.0.1", via, controlPort }));
    expect(verdict.code).toBe("rpc-reset");
    expect(
      verdict.causes.filter((text) => /device on the path|on the way|on this machine/.test(text)),
    ).toEqual([]);
    expect(verdict.next.map(({ where }) => where)).not.toContain("firewall");
  });
});

describe("RPC: what is said of the plain bind", () => {
  it.each([
    [hungUp("closed"), "a plain bind was closed on, too."],
    [hungUp("ECONNRESET"), "a plain bind was reset, too."],
    [silent(), "a plain bind was not answered, either."],
    [hungUp("ECONNREFUSED"), "a plain bind met ECONNREFUSED."],
    [{ outcome: "skipped", reason: "interrupted" }, "a plain bind was not tried."],
    [{ outcome: "not-sent", errno: "EMFILE" }, "a plain bind was not tried."],
  ] as const)("is what it met (case %#), whatever the first bind met", (second, words) => {
    for (const first of [hungUp("closed"), hungUp("ECONNRESET"), silent()]) {
      expect(judgedRpc(both(first, second)).observed.endsWith(`; ${words}`)).toBe(true);
    }
  });

  it("is that it was not tried where it was not", () => {
    expect(judgedRpc(rpc(silent())).observed).toContain("; a plain bind was not tried.");
  });
});

describe("RPC: the plain bind after the other was not answered", () => {
  it.each(["closed", "ECONNRESET", "deadline"] as const)(
    "a client would not be served where only the plain bind passes, the other having met %s",
    (cause) => {
      const verdict = judgedRpc(
        rpc(hungUp(cause), {
          plain: plainBind(accepted("0/0")),
          control: { by: "alter-context", answer: "rejected" },
        }),
      );
      expect(verdict).toMatchObject({
        code: "rpc-plain-bind-only",
        serves: false,
        because: `${POINTER}/rpc/plain`,
      });
      expect(verdict.next.map(({ command }) => command)).toContain(
        `kmsprobe check ${ADDRESS}:1688 --retries 3`,
      );
    },
  );

  it.each([
    [rejected("2/1"), "rpc-interface-unknown"],
    [nak(4), "rpc-bind-nak"],
    [fault(5), "rpc-fault"],
    [garbage("tls"), "rpc-not-dcerpc"],
  ] as const)("its answer speaks where it got one (case %#)", (second, code) => {
    expect(judgedRpc(both(silent(), second))).toMatchObject({ code, because: `${POINTER}/rpc/plain` });
  });
});

describe("RPC: binds that were not made", () => {
  it("our own machine's failure is not the host's", () => {
    expect(judgedRpc(rpc({ outcome: "not-sent", errno: "ENOBUFS" }))).toMatchObject({
      code: "tcp-local-resources",
      because: `${POINTER}/rpc/bind`,
    });
  });

  it("a bind cut by the deadline is not finished", () => {
    expect(judgedRpc(rpc({ outcome: "skipped", reason: "deadline" }))).toMatchObject({
      code: "run-cut-short",
      because: `${POINTER}/rpc/bind`,
    });
  });
});

describe("words of an attempt", () => {
  it("writes an IPv6 address with brackets where a port follows", () => {
    const attempt = connected(serving(), { address: "fd00::1", family: 6 });
    expect(judged(attempt).observed).toContain("[fd00::1]:1688 accepted");
  });

  it("does not fill a placeholder that comes from the network", () => {
    const attempt = unconnected("{port}", 1);
    expect(judged(attempt).observed).toBe("The connection to 10.1.0.1 port 1688 failed ({port}).");
  });
});
