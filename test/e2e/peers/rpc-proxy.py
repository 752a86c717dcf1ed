"""A TCP proxy in front of a KMS host that treats binds as middleboxes do.

    rpc-proxy.py ADDRESS PORT BACKEND BACKEND_PORT MODE

several-syntaxes  resets on a bind that offers more than one context
interface         drops a bind of the KMS interface, and passes others
reassembly        takes one read for one PDU: resets on a bind that comes in two segments
passes            minds nothing

It passes bytes on and makes none of its own. Stops after five minutes by itself.
"""

import asyncio
import socket
import struct
import sys

KMS = bytes.fromhex("7521c8514e845047b0d8ec255555bc06")


def objects(mode, data):
    """What the box does with the first bytes of a connection: None passes them on."""
    if data[2:3] != b"\x0b":
        return None
    if mode == "several-syntaxes" and data[24] > 1:
        return "reset"
    if mode == "interface" and KMS in data:
        return "drop"
    if mode == "reassembly" and len(data) < struct.unpack_from("<H", data, 8)[0]:
        return "reset"
    return None


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    address, port, backend, backend_port, mode = sys.argv[1:6]

    async def serve(reader, writer):
        first = await reader.read(65536)
        verdict = objects(mode, first) if len(first) >= 28 else None
        if verdict == "drop":
            await asyncio.sleep(300)
        if verdict == "reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        inner_reader, inner_writer = await asyncio.open_connection(backend, int(backend_port))
        inner_writer.write(first)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    server = await asyncio.start_server(serve, address, int(port))
    print("ready", flush=True)
    try:
        await asyncio.wait_for(server.serve_forever(), 300)
    except asyncio.TimeoutError:
        pass


asyncio.run(main())
