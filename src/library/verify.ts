import { FUNCTION, FLAG, OBJECT, requireThese, SIGNAL, TEXT } from "../run/options.ts";
import type { Progress } from "../run/steps.ts";
import { verifyPolicy } from "../run/verification.ts";
import { nameOfFile, readBounded } from "../targets/read-bounded.ts";
import { UsageError } from "../targets/usage-error.ts";
import { readBaseline } from "../verify/baseline/file.ts";
import type { Verification } from "../verify/model.ts";
import { planOf, publicRange, requireExpectations } from "../verify/plan.ts";
import { readPolicy } from "../verify/read.ts";
import { parseSetting } from "../verify/variables.ts";
import { inOptions } from "./in-options.ts";

export type VerifyOptions = {
  /** The policy's file; `-` is standard input. */
  file: string;
  /** The place of the policy that this is. */
  place?: string;
  /** Variables, over those of the policy. */
  set?: Readonly<Record<string, string>>;
  /** A file that `kmsprobe verify --write-baseline` wrote. */
  baseline?: string;
  /** Public addresses in `closed:` are this caller's to touch. */
  allowPublic?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
};

const OPTIONS = {
  file: TEXT,
  place: TEXT,
  set: {
    fits: (value: unknown) =>
      OBJECT.fits(value) && Object.values(Object(value)).every((each) => typeof each === "string"),
    form: "an object of strings",
  },
  baseline: TEXT,
  allowPublic: FLAG,
  signal: SIGNAL,
  onProgress: FUNCTION,
};

/**
 * Holds a network against a policy as `kmsprobe verify` does, and prints nothing.
 *
 * @param options.signal aborting it ends the run soon; what is known by then is judged
 * @throws UsageError where an option can't be understood, or for each mistake in the policy; never because of the network
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  requireThese(options, OPTIONS, '{ file: "policy.yaml" }');
  return await inOptions(() => verified(options));
}

async function verified(options: VerifyOptions): Promise<Verification> {
  const { file, place = null, set = {}, baseline, allowPublic = false } = options;
  const { signal = new AbortController().signal, onProgress = () => {} } = options;
  // A program in JavaScript may leave it out.
  if (typeof file !== "string") throw new UsageError("file is to be the policy's file: it was left out");
  const text = await readBounded(file, { what: "policy", most: 1, signal });
  const settings = Object.entries(set).map(([name, value]) => parseSetting(`${name}=${value}`));
  const policy = readPolicy(text, { file: nameOfFile(file), place, set: new Map(settings) });
  if (baseline === undefined) requireExpectations(policy);
  const looks = planOf(policy);
  const found = publicRange(policy);
  if (found !== null && !allowPublic)
    throw new UsageError(
      `${found} is a public address: touch only what you are responsible for, and say so with allowPublic`,
    );
  const beside =
    baseline === undefined
      ? null
      : {
          baseline: readBaseline(
            await readBounded(baseline, { what: "baseline", most: 64 }),
            nameOfFile(baseline),
            policy.place,
          ),
          file: nameOfFile(baseline),
        };
  return await verifyPolicy(policy, looks, beside, { signal, onProgress });
}
