import { SYSTEM_PYTHON } from "../servers/available.ts";

/**
 * A filter on the system call socket(2), as sandboxes have: SOCK_STREAM over IPv4 is answered with an errno, and the
 * rest passes. struct sock_filter, and the offsets in struct seccomp_data (include/uapi/linux/seccomp.h).
 */
const SCRIPT = `
import ctypes, os, platform, struct, sys
number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
errno = int(sys.argv[1])
LOAD, EQUAL, AND, RETURN = 0x20, 0x15, 0x54, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
program = [
    (LOAD, 0, 0, 0),
    (EQUAL, 0, 6, number),
    (LOAD, 0, 0, 16),
    (EQUAL, 0, 4, 2),
    (LOAD, 0, 0, 24),
    (AND, 0, 0, 0xF),
    (EQUAL, 0, 1, 1),
    (RETURN, 0, 0, ERRNO | errno),
    (RETURN, 0, 0, ALLOW),
]
code = b"".join(struct.pack("<HBBI", *each) for each in program)
held = ctypes.create_string_buffer(code, len(code))
filter = struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(held))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]
if libc.prctl(38, 1, None, 0, 0) != 0 or libc.prctl(22, 2, filter, 0, 0) != 0:
    raise OSError(ctypes.get_errno(), "prctl")
os.execvp(sys.argv[2], sys.argv[2:])
`;

/** Runs a program on a machine that permits it no TCP connection over IPv4. */
export function withoutTcp(errno: "EPERM" | "EACCES"): readonly string[] {
  return [SYSTEM_PYTHON, "-I", "-c", SCRIPT, String({ EPERM: 1, EACCES: 13 }[errno])];
}
