"""Types into an interactive shell on a pseudo-terminal: SECONDS INPUT PROGRAM...

Prints what the shell wrote. The input is typed ahead: the shell takes it when it gets to it."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

seconds, keys = float(sys.argv[1]), sys.argv[2].encode()
child, leader = pty.fork()
if child == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 160, 0, 0))
written = bytearray()
end = time.monotonic() + seconds
late = True
while time.monotonic() < end:
    readable, writable, _ = select.select([leader], [leader] if keys else [], [], 0.1)
    if writable and b"ready>" in written:
        keys = keys[os.write(leader, keys[:256]) :]
    if not readable:
        continue
    try:
        chunk = os.read(leader, 65536)
    except OSError:
        chunk = b""
    if chunk == b"":
        late = False
        break
    written += chunk
if late:
    os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
sys.stdout.write(written.decode("utf-8", "replace"))
