"""Keeps COUNT connections to ADDRESS PORT open and does nothing with them, until it is killed.

usage: holder.py ADDRESS PORT COUNT
"""

import signal
import socket
import sys

address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
held = [socket.create_connection((address, port)) for _ in range(count)]
print("ready", len(held), flush=True)
signal.pause()
