/**
 * How text is printed. Apart from what writes it, which other files of the bundle have as well and without commander.
 */
import { Option } from "commander";

/** For every command that prints text. */
export function asciiOption(): Option {
  return new Option("--ascii", "text in ASCII only (default: where the locale is not UTF-8)").default(false);
}

/** For every command that prints text with colours; what has them differs. */
export function colorOption(description: string): Option {
  return new Option("--color <when>", description).choices(["auto", "always", "never"]).default("auto");
}

/** For every command that can print CSV. */
export function bomOption(): Option {
  return new Option("--bom", "CSV with a byte order mark, by which Excel reads it as UTF-8").default(false);
}
