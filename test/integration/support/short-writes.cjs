/** Loaded before the program: no write takes more than a few bytes, and none reports an error, as a disk that is almost full does. */
"use strict";
const fs = require("node:fs");

const MOST = 7;

const writeSync = fs.writeSync;
fs.writeSync = (descriptor, what, offset = 0, length) => {
  const bytes = typeof what === "string" ? Buffer.from(what) : what;
  const at = typeof offset === "number" ? offset : 0;
  return writeSync(descriptor, bytes, at, Math.min(MOST, length ?? bytes.length - at));
};

const open = fs.promises.open;
fs.promises.open = async (...args) => {
  const handle = await open(...args);
  const write = handle.write.bind(handle);
  handle.write = (bytes, offset = 0, length = bytes.length - offset, position = null) =>
    write(bytes, offset, Math.min(MOST, length), position);
  return handle;
};
