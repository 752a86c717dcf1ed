"""Runs impacket's DCERPCServer for one interface with an empty callback table, until it is killed.

usage: impacket-server.py ADDRESS UUID VERSION PORT

PORT 0 takes any that is free.

It can accept or reject a bind and nothing more: with no callbacks, every request ends in a fault.
"""

import sys

from impacket.dcerpc.v5.rpcrt import DCERPCServer


def main() -> None:
    address, uuid, version, wanted = sys.argv[1:]
    server = DCERPCServer()
    # impacket 0.10 has no setter for the address, and its constructor has already bound to another one.
    server._sock.close()
    server._listenAddress = address
    server.setListenPort(int(wanted))
    port = server.getListenPort()
    server.addCallbacks((uuid, version), str(port), {})
    # run() listens as well, but only after "ready" has been said; a second listen() changes nothing.
    server._sock.listen(10)
    print("ready %d" % port, flush=True)
    # In this thread, not with start(): it never returns, and SIGTERM ends it.
    server.run()


main()
