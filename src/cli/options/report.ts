import { Option } from "commander";

/** `--report KIND=FILE`, which knows its kinds: what completes a command line offers them. */
export class ReportOption extends Option {
  readonly kinds: readonly string[];

  constructor(kinds: readonly string[]) {
    super("--report <kind=file>", "write a report, besides what is printed (repeatable)");
    this.kinds = kinds;
  }
}
