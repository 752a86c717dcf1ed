/** Apart from what writes, which other files of the bundle have as well and without commander. */
import { Option } from "commander";

/** For every command that prints text. */
export function asciiOption(): Option {
  return new Option("--ascii", "text in ASCII only (default: where the locale is not UTF-8)").default(false);
}
