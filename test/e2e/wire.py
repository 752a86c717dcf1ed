"""A cable between two network namespaces that delays, loses and swallows packets, until it is killed.

usage: wire.py SETTINGS-FILE NAMESPACE-A DEVICE-A NAMESPACE-B DEVICE-B

Each end is a TUN device. SETTINGS-FILE is JSON, read again on SIGHUP: delayMs, jitterMs (the delay is drawn from
delay +- jitter; packets of one direction stay in order), lossPercent (each packet, each direction), maxBytes
(larger packets vanish without an ICMP message; 0 is no limit), seed. "settings N" is said when they are in force.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import signal
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000


def open_tun(namespace: str, device: str) -> int:
    """A TUN device belongs to the namespace in which it is opened."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/run/netns/" + namespace) as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns " + namespace)
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    return tun


class Wire:
    def __init__(self, settings_file: str) -> None:
        self.settings_file = settings_file
        self.reads = 0
        self.read_settings()

    def read_settings(self, *_: object) -> None:
        with open(self.settings_file) as file:
            self.settings = json.load(file)
        self.random = random.Random(self.settings["seed"])
        self.reads += 1
        print("settings %d" % self.reads, flush=True)

    def due(self, packet: bytes) -> "float | None":
        """Seconds until the packet arrives; None where it never does."""
        settings = self.settings
        if settings["maxBytes"] and len(packet) > settings["maxBytes"]:
            return None
        if self.random.random() * 100 < settings["lossPercent"]:
            return None
        jitter = settings["jitterMs"]
        return max(0.0, settings["delayMs"] + self.random.uniform(-jitter, jitter)) / 1000


def main() -> None:
    settings_file, namespace_a, device_a, namespace_b, device_b = sys.argv[1:]
    a = open_tun(namespace_a, device_a)
    b = open_tun(namespace_b, device_b)
    other = {a: b, b: a}
    wire = Wire(settings_file)
    signal.signal(signal.SIGHUP, wire.read_settings)
    latest = {a: 0.0, b: 0.0}
    queue: "list[tuple[float, int, int, bytes]]" = []
    serial = 0
    while True:
        wait = None if not queue else max(0.0, queue[0][0] - time.monotonic())
        readable, _, _ = select.select([a, b], [], [], wait)
        now = time.monotonic()
        for end in readable:
            packet = os.read(end, 65536)
            delay = wire.due(packet)
            if delay is None:
                continue
            latest[end] = max(latest[end], now + delay)
            serial += 1
            heapq.heappush(queue, (latest[end], serial, other[end], packet))
        while queue and queue[0][0] <= time.monotonic():
            _, _, end, packet = heapq.heappop(queue)
            try:
                os.write(end, packet)
            except OSError:
                pass  # that end is down: what a cable does then


main()
