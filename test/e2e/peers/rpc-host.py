"""A host on a TCP port that does what its script says, until it is killed.

usage: rpc-host.py ADDRESS PORT SCRIPT

It answers binds (C706 12.6.4.3) and alter_contexts, and resets the connection on any other PDU. Scripts:

  serves            as a Windows host answers: NDR64 taken, NDR32 not, feature bits granted, other interfaces rejected
  accepts-anything  the same for every interface
  syntax-refused    the interface is known, none of its transfer syntaxes
  bind-nak          bind_nak, local limit exceeded
  fault             fault, access denied
  garbled           an answer that begins like DCE/RPC and is none
  starting          the first bind of each connection is answered after 3 s, as by a service that is just starting
  silent            reads, and says nothing
  closes, resets    reads, then ends the connection; with -at-once it does not read
  closes-and-resets-at-once  both, one right behind the other
  full              accepts nobody, and its queue is full
"""

import asyncio
import socket
import struct
import sys

BIND, BIND_ACK, BIND_NAK, ALTER, ALTER_RESP, FAULT = 11, 12, 13, 14, 15, 3
KMS = bytes.fromhex("7521c8514e845047b0d8ec255555bc06")
NDR64 = bytes.fromhex("33057171babe37498319b5dbef9ccc36")
FEATURES = bytes.fromhex("2c1cb76c12984045")
NO_SYNTAX = bytes(20)


def pdu(ptype: int, call_id: int, body: bytes) -> bytes:
    return struct.pack("<BBBBIHHI", 5, 0, ptype, 3, 0x10, 16 + len(body), 0, call_id) + body


def results(script: str, port: int, ptype: int, body: bytes) -> bytes:
    """The body of a bind_ack or alter_context_resp: one result for each context offered."""
    offered = [body[12 + 44 * i : 12 + 44 * (i + 1)] for i in range(body[8])]
    alone = len(offered) == 1
    said = b""
    for element in offered:
        interface, transfer = element[4:20], element[24:44]
        if transfer.startswith(FEATURES):
            said += struct.pack("<HH", 3, 3) + NO_SYNTAX
        elif interface != KMS and script != "accepts-anything":
            said += struct.pack("<HH", 2, 1) + NO_SYNTAX
        elif script == "syntax-refused" or not (alone or transfer.startswith(NDR64)):
            said += struct.pack("<HH", 2, 2) + NO_SYNTAX
        else:
            said += struct.pack("<HH", 0, 0) + transfer
    address = b"%d\0" % port if ptype == BIND else b""
    head = struct.pack("<HHIH", 5840, 5840, 0x4711, len(address)) + address
    head += bytes(-(16 + len(head)) % 4)
    return head + struct.pack("<Bxxx", len(offered)) + said


def answer(script: str, port: int, ptype: int, call_id: int, body: bytes) -> "bytes | None":
    if ptype not in (BIND, ALTER):
        return None
    if script == "bind-nak":
        return pdu(BIND_NAK, call_id, struct.pack("<HBBB", 2, 1, 5, 0))
    if script == "fault":
        return pdu(FAULT, call_id, struct.pack("<IHBxII", 0, 0, 0, 5, 0))
    if script == "garbled":
        return pdu(BIND_ACK, call_id, bytes([0xFF] * 20))
    return pdu(BIND_ACK if ptype == BIND else ALTER_RESP, call_id, results(script, port, ptype, body))


async def converse(script: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    reset = "resets" in script
    try:
        while not script.endswith("-at-once"):
            if script in ("silent", "closes", "resets"):
                if not await reader.read(4096) or script != "silent":
                    break
                continue
            header = await reader.readexactly(16)
            length, _, call_id = struct.unpack_from("<HHI", header, 8)
            said = answer(script, port, header[2], call_id, await reader.readexactly(length - 16))
            if said is None:
                reset = True
                break
            if script == "starting" and header[2] == BIND:
                await asyncio.sleep(3)
            writer.write(said)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    if script.startswith("closes-and-resets"):
        sock.shutdown(socket.SHUT_WR)
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def main() -> None:
    address, port, script = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if script == "full":
        listener = socket.create_server((address, port), family=family(address), backlog=0)
        # One more than the backlog is let in; the third connection finds the queue full.
        waiting = [socket.create_connection((address, port)) for _ in range(1)]
        print("ready", len(waiting), listener.fileno(), flush=True)
        await asyncio.Event().wait()
    server = await asyncio.start_server(
        lambda reader, writer: converse(script, port, reader, writer), address, port, family=family(address), backlog=512
    )
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


def family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


asyncio.run(main())
