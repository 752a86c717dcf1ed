import { explain as explained } from "../explain/explain.ts";
import { hresultOf } from "../explain/hresult.ts";
import type { Explanation } from "../explain/model.ts";
import { requireThese, TEXTS } from "../run/options.ts";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { VERSION } from "../version.ts";

export type ExplainOptions = {
  /** HRESULTs, `0xC004F074` or as a decimal. */
  codes?: readonly string[];
  /** What slmgr.vbs, ospp.vbs, the event log or a network command printed, as it was pasted. */
  texts?: readonly string[];
};

/**
 * What codes and pasted output prove, and what they leave open, as `kmsprobe explain` says it. Touches nothing.
 *
 * @throws UsageError where an option can't be understood
 */
export async function explain(options: ExplainOptions): Promise<Explanation> {
  requireThese(options, { codes: TEXTS, texts: TEXTS }, '{ codes: ["0xC004F074"] }');
  const { codes = [], texts = [] } = options;
  const hresults = codes.map((code) => {
    const hresult = hresultOf(code);
    if (hresult === null)
      throw new UsageError(`codes: '${show(code)}' is no HRESULT: 0x and eight digits, or a decimal of ten`);
    return hresult;
  });
  const inputs = texts.map((text, index) => ({ name: `texts[${index}]`, text, encoding: "utf-16" }));
  return explained(inputs, [...new Set(hresults)], VERSION);
}
