import { expect, test } from "vitest";
import { fileError } from "../../../src/targets/file-error.ts";
import { CannotRun, UsageError } from "../../../src/targets/usage-error.ts";

const failed = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ["ENOENT", UsageError, "there is no such file or folder: check the path"],
  ["ELOOP", UsageError, "its symbolic links lead in a circle: check the path"],
  ["ENAMETOOLONG", UsageError, "the name is longer than the file system permits: name another file"],
  ["ENXIO", UsageError, "there is nothing behind that device: name a file"],
  ["ENOSPC", CannotRun, "no space is left there: name another place"],
  ["EDQUOT", CannotRun, "this user's quota of disk space is used up: name another place"],
  ["EFBIG", CannotRun, "it would be larger than a file may be here: raise ulimit -f, or name another place"],
  ["EIO", CannotRun, "the device failed, or what it holds can't be read: name another file"],
  ["EOTHER", UsageError, "check the path"],
] as const)("%s is a %o that says what to do", (errno, kind, remedy) => {
  const error = fileError("can't write report.json", failed(errno));
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toBe(`can't write report.json (${errno}): ${remedy}`);
});

test("a file without a name is named as such: a variable of a script may be empty", () => {
  const error = fileError("can't read the list ", failed("ENOENT"));
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toBe("can't read the list '': that names no file: is a variable of a script empty?");
});
