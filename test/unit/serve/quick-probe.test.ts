import { describe, expect, it } from "vitest";
import { usualQuery } from "../../../src/serve/quick-probe.ts";

describe("a request for /probe", () => {
  it.each([
    ["/probe?target=kms.corp.test%3A1688&module=kms", "kms.corp.test:1688", "kms"],
    ["/probe?module=fast&target=10.0.0.1:1688", "10.0.0.1:1688", "fast"],
    ["/probe?target=%5B%3A%3A1%5D%3A1688", "[::1]:1688", undefined],
    ["/probe?target=b%C3%BCro.test", "büro.test", undefined],
    ["/probe?target=a+b", "a b", undefined],
    ["/probe?target=", "", undefined],
  ])("as a scraper writes it is read here: %s", (url, target, module) => {
    const query = usualQuery(url);
    expect([query?.("target"), query?.("module")]).toEqual([target, module]);
  });

  it.each([
    "/probe",
    "/probe/?target=a",
    "//probe?target=a",
    "/Probe?target=a",
    "/page?target=a",
    "http://127.0.0.1:9688/probe?target=a",
    "/probe?target=a&debug=true",
    "/probe?target=a&target=b",
    "/probe?target=%ff",
    "/probe?target=%zz",
    "/probe?target=a#module=b",
  ])("that is unusual is left to the router: %s", (url) => {
    expect(usualQuery(url)).toBeNull();
  });
});
