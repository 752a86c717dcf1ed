/** Beside `ascii-option.ts`, and apart from what writes for the same reason. */
import { Option } from "commander";

/** For every command that can print CSV. */
export function bomOption(): Option {
  return new Option("--bom", "CSV with a byte order mark, by which Excel reads it as UTF-8").default(false);
}
