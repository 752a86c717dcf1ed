"""Runs a program on a pseudo-terminal: ROWS COLUMNS SECONDS PROGRAM...

Prints its exit code, null where it had to be killed, and what it wrote, as JSON."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

MOST_BYTES = 1_000_000

rows, columns, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
leader, follower = pty.openpty()
fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(follower, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(follower, number)
    os.execv(sys.argv[4], sys.argv[4:])
os.close(follower)

written = bytearray()
end = time.monotonic() + seconds
late = True
while time.monotonic() < end:
    if not select.select([leader], [], [], 0.1)[0]:
        continue
    try:
        chunk = os.read(leader, 65536)
    except OSError:  # Linux's way to say that nobody has the other side open any more
        chunk = b""
    if chunk == b"":
        late = False
        break
    # What a program writes without end need not be kept.
    written += chunk[: MOST_BYTES - len(written)]
if late:
    os.kill(child, signal.SIGKILL)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({"code": None if late else status, "written": written.decode("utf-8", "replace")}))
