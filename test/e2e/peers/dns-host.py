"""A resolver on UDP port 53 that does what its script says, until it is killed.

usage: dns-host.py ADDRESS SCRIPT HOST HOST-ADDRESS

It lists HOST in SRV answers and gives HOST-ADDRESS for A questions, each in the manner of its script:

  slow             after 3 s
  wrong-id         with another transaction id
  wrong-question   with another question
  elsewhere        from port 5353
  garbage          bytes that are no DNS message
  notimp           NOTIMP
  srv-only         silent about everything but SRV
  aliases          CNAMEs that lead from one name to another and back
  silent           silent
  docker           NXDOMAIN to SRV and SOA without an SOA, addresses of HOST and its domain (Docker's at 127.0.0.11)
  tailscale        the same with NODATA (MagicDNS at 100.100.100.100)
"""

import socket
import struct
import sys
import threading

SRV, A, CNAME = 33, 1, 5


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(kind: int, data: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 600, len(data)) + data


def answer(query: bytes, script: str, host: str, address: str) -> "bytes | None":
    end = query.index(0, 12) + 5
    question, kind = query[12:end], struct.unpack_from(">H", query, end - 4)[0]
    if script == "silent" or (script == "srv-only" and kind != SRV):
        return None
    if script == "garbage":
        return query[:2] + b"\xff" * 40
    records = {
        SRV: record(SRV, struct.pack(">HHH", 0, 0, 1688) + name(host)),
        A: record(A, socket.inet_aton(address)),
    }
    if script == "aliases":
        there = name("here.test") if question.startswith(name("there.test")) else name("there.test")
        records[kind] = record(CNAME, there)
    if script in ("docker", "tailscale"):
        known = (name(host), name(host.split(".", 1)[1]))
        said = records[A] if kind == A and question[:-4] in known else b""
        flags = 0x8180 | (0 if said or script == "tailscale" and kind != A else 3)
        return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if said else 0, 0, 0) + question + said
    said = b"" if script == "notimp" else records.get(kind, b"")
    ident = struct.unpack_from(">H", query)[0] ^ (0x5555 if script == "wrong-id" else 0)
    if script == "wrong-question":
        question = name("_vlmcs._tcp.elsewhere.test") + question[-4:]
    flags = 0x8180 | (4 if script == "notimp" else 0)
    return struct.pack(">HHHHHH", ident, flags, 1, 1 if said else 0, 0, 0) + question + said


def main() -> None:
    address, script, host, host_address = sys.argv[1:]
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(kind, socket.SOCK_DGRAM)
    listener.bind((address, 53))
    other = socket.socket(kind, socket.SOCK_DGRAM)
    other.bind((address, 5353))
    print("ready", flush=True)
    while True:
        query, asker = listener.recvfrom(4096)
        said = answer(query, script, host, host_address)
        if said is None:
            continue
        sender = other if script == "elsewhere" else listener
        threading.Timer(3 if script == "slow" else 0, sender.sendto, (said, asker)).start()


main()
