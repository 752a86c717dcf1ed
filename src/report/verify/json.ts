import type { Verification } from "../../verify/model.ts";
import { asciiJson } from "../escape.ts";

/** The whole verification with its evidence, as `schema/verify-v1.json` describes it. */
export function renderVerifyJson(verification: Verification): string {
  return `${asciiJson(verification, 2)}\n`;
}
