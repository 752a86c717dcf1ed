/** Beside `ascii-option.ts`, and apart from what writes for the same reason. */
import { Option } from "commander";

/** For every command that prints text. */
export function colorOption(description: string): Option {
  return new Option("--color <when>", description).choices(["auto", "always", "never"]).default("auto");
}
