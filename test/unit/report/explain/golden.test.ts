/** A ticket as people paste it, explained: an umbrella code, and what a client shows beside it. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import { explain } from "../../../../src/explain/explain.ts";
import { renderExplainMarkdown } from "../../../../src/report/explain/markdown.ts";
import { renderExplainText } from "../../../../src/report/explain/text.ts";
import { factLines } from "../../../../src/report/explain/words.ts";

const FOLDER = path.join(import.meta.dirname, "../../../fixtures/golden/explain-ticket");

const TICKET = `Users in the branch cannot activate. On one of the clients:
Error: 0xC004F074 The Software Licensing Service reported that the computer could not be activated. No Key Management Service (KMS) could be contacted.

Name: Windows(R), Enterprise edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Partial Product Key: 2YT43
License Status: Notification
Notification Reason: 0xC004F200 (non-genuine).
KMS machine name from DNS: kms1.corp.example:1688
KMS machine IP address: not available
Activation Interval: 120 minutes
Renewal Interval: 10080 minutes

Server:  dc1.corp.example
Address:  10.0.0.53

_vlmcs._tcp.corp.example        SRV service location:
          priority       = 0
          weight         = 0
          port           = 1688
          svr hostname   = kms1.corp.example
`;

const explained = explain([{ name: "ticket.txt", text: TICKET, encoding: "utf-8" }], [], "0.0.0");
const text = renderExplainText(explained, { color: false, width: 100 });

/** `vitest run ... -u` writes them anew: read the difference before you commit it. */
describe("a ticket", () => {
  it.each([
    ["text-100", text],
    ["markdown", renderExplainMarkdown(explained)],
  ])("as %s is the golden one", async (output, rendered) => {
    await expect(rendered).toMatchFileSnapshot(path.join(FOLDER, `${output}.golden`));
  });

  it("says once what an umbrella code hides, however many causes it fits", () => {
    const causes = text.slice(text.indexOf("The eight usual causes"));
    expect(causes.match(/0xC004F074/g)).toHaveLength(1);
    expect(causes.match(/^ +For the same reason as 1\.$/gm)?.length).toBeGreaterThan(2);
  });
});

describe("what was read", () => {
  it("has names in words, and values that are whole", () => {
    const suffixes = Array.from({ length: 12 }, (_, index) => `${"a".repeat(40)}${index}.corp.example`);
    expect(
      factLines({
        kmsHost: "kms1.corp.example",
        nPolicy: 25,
        isKmsHost: true,
        tcpSucceeded: false,
        suffixes,
      }),
    ).toEqual([
      { name: "KMS host", text: "kms1.corp.example" },
      { name: "count needed", text: "25" },
      { name: "is KMS host", text: "yes" },
      { name: "TCP succeeded", text: "no" },
      { name: "suffixes", text: suffixes.join(", ") },
    ]);
  });

  it("of a long list has the first twenty, and says how many more there are", () => {
    const addresses = Array.from({ length: 25 }, (_, index) => `10.0.0.${index}`);
    expect(factLines({ addresses })).toEqual([
      { name: "addresses", text: `${addresses.slice(0, 20).join(", ")}, and 5 more` },
    ]);
  });
});
