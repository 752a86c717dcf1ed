import { afterAll, beforeAll, describe, expect } from "vitest";
import { attemptAt, causesOf, condition, diagnosisOf, kernelOf } from "./conditions.ts";
import { buildOffice, KMS, needsNetwork, type Office } from "./office.ts";
import {
  forThisTest,
  Peers,
  type RpcScript,
  startLoadBalancer,
  startLsarpc,
  startRpcScript,
  startWeb,
} from "./peers.ts";

const { skip } = needsNetwork("impacket", "nginx", "samba-dcerpcd", "haproxy");

describe.skipIf(skip)("what answers on the port", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(() => {
    office = buildOffice();
  });

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  function scripted(script: RpcScript) {
    return forThisTest(startRpcScript(office.kms, KMS, 1688, script));
  }

  condition("a service that accepts and stays silent", async (check) => {
    await scripted("silent");
    const attempt = attemptAt(await check(office.client, [KMS]));
    expect(kernelOf(attempt)).toMatchObject({ unacknowledgedBytes: 0, retransmissions: 0 });
    expect(attempt.verdict.certainty).toBe("ambiguous");
    for (const cause of [
      "the service hangs",
      "a proxy holds the connection",
      "the answer is lost on the way back",
      "another service listens",
    ]) {
      expect(causesOf(attempt.verdict)).toContain(cause);
    }
  });

  condition("a service that accepts and closes", async (check) => {
    await scripted("closes");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    for (const cause of ["another service listens there", "a load balancer", "an access list"]) {
      expect(causesOf(verdict)).toContain(cause);
    }
  });

  condition("a service that accepts and resets", async (check) => {
    await scripted("resets");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    for (const cause of ["a device on the path reads RPC", "another service", "a proxy whose backend"]) {
      expect(causesOf(verdict)).toContain(cause);
    }
  });

  // Who ends it without waiting for the bind is seen to do it before, while or after it is sent, by chance: a further
  // connection on which nothing is said tells.

  condition("a service that closes as soon as it accepts", async (check) => {
    await scripted("closes-at-once");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("an access list");
  });

  condition("a service that resets as soon as it accepts", async (check) => {
    await scripted("resets-at-once");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("access list");
  });

  condition("a web server on the port", async (check) => {
    await forThisTest(startWeb(office.kms, `${KMS}:80`));
    const { verdict } = attemptAt(await check(office.client, [`${KMS}:80`]));
    expect(verdict).toMatchObject({ certainty: "certain" });
    expect(verdict.observed).toContain("http");
  });

  condition("Samba on the port", async (check) => {
    await forThisTest(startLsarpc(office.kms, KMS, 49154));
    // Samba starts a worker on the first connection.
    const args = [`${KMS}:49154`, "--rpc-timeout", "10s"];
    const { verdict } = attemptAt(await check(office.client, args));
    expect(verdict.certainty).toBe("certain");
    expect(causesOf(verdict)).toContain("another RPC service has the port");
  });

  condition("a responder that accepts every interface", async (check) => {
    await scripted("accepts-anything");
    const checked = await check(office.client, [KMS]);
    expect(checked.report.verdict).toMatchObject({ serves: false, severity: "inconclusive" });
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toContain("rpc-accepts-anything");
  });

  condition("a service that refuses the bind", async (check) => {
    await scripted("bind-nak");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.observed).toContain("local limit exceeded");
  });

  condition("a service that answers with a fault", async (check) => {
    await scripted("fault");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.observed).toContain("0x00000005");
  });

  condition("a service that knows the interface and none of its transfer syntaxes", async (check) => {
    await scripted("syntax-refused");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("certain");
  });

  condition("a service whose answer is garbled", async (check) => {
    await scripted("garbled");
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("likely");
  });

  // A load balancer accepts before it knows of its backend, and so every port seems open.

  condition("a load balancer whose backend refuses", async (check) => {
    await forThisTest(startLoadBalancer(office.kms, [{ listen: `${KMS}:1688`, backend: "127.0.0.1:1" }]));
    const { verdict, tcp } = attemptAt(await check(office.client, [KMS]));
    expect(tcp.outcome).toBe("ok");
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a load balancer or forwarder whose backend is dead");
  });

  condition("a load balancer whose backend is gone", async (check) => {
    office.router.ip("route add blackhole 10.71.99.0/24");
    await forThisTest(
      startLoadBalancer(office.kms, [{ listen: `${KMS}:1688`, backend: "10.71.99.10:1688" }]),
    );
    const attempt = attemptAt(await check(office.client, [KMS]));
    expect(kernelOf(attempt).unacknowledgedBytes).toBe(0);
    expect(attempt.verdict.certainty).toBe("ambiguous");
    expect(causesOf(attempt.verdict)).toContain("a proxy holds the connection and its backend is dead");
  });

  condition("a load balancer in front of a host that serves", async (check) => {
    await forThisTest(startRpcScript(office.kms, "127.0.0.1", 1688, "serves"));
    await forThisTest(startLoadBalancer(office.kms, [{ listen: `${KMS}:1700`, backend: "127.0.0.1:1688" }]));
    const checked = await check(office.client, [`${KMS}:1700`]);
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toContain("rpc-other-port");
  });

  condition("a load balancer that puts a PROXY header in front of the bind", async (check) => {
    await forThisTest(startLsarpc(office.kms, KMS, 49154));
    const forward = { listen: `${KMS}:1688`, backend: `${KMS}:49154`, proxyHeader: "sends" } as const;
    await forThisTest(startLoadBalancer(office.kms, [forward]));
    // Samba takes the header for the start of a long PDU, and waits for the rest.
    const { verdict } = attemptAt(await check(office.client, [KMS, "--rpc-timeout", "4s"]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a load balancer puts a PROXY header in front of the bind");
    expect(verdict.next.map(({ text }) => text).join("\n")).toContain("whoever runs the load balancer");
  });

  condition("a load balancer that expects a PROXY header", async (check) => {
    await forThisTest(startRpcScript(office.kms, "127.0.0.1", 1688, "serves"));
    const forward = { listen: `${KMS}:1688`, backend: "127.0.0.1:1688", proxyHeader: "expects" } as const;
    await forThisTest(startLoadBalancer(office.kms, [forward]));
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("or the listener expects such a header");
  });
});
