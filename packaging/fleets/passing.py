"""Passes IP packets between two TUN devices, with a delay, a loss and a cut: a process of its own for each link.

    passing.py HOST_DESCRIPTOR TRIAL_DESCRIPTOR SEED

Each line on the standard input is a weather, as JSON with the fields of `Weather`; an empty line changes nothing. Each
is answered by a line: what became of the packets so far, as JSON. It ends with its standard input.
"""

import collections
import dataclasses
import json
import os
import random
import select
import sys
import time

TCP = 6


@dataclasses.dataclass
class Weather:
    """What happens to packets. `port`: to those of TCP from or to it, and all others pass at once; None: to all.

    `delay` is in seconds, for each direction. `loss` is a part of 1.
    """

    delay: float = 0
    loss: float = 0
    cut: bool = False
    port: int | None = None

    def fate(self, ports, draw):
        """What becomes of a packet between these TCP ports: `passed`, `late`, `lost` or `cut`.

        `draw`: a number from 0 to below 1.
        """
        if self.port is not None and self.port not in ports:
            return "passed"
        if self.cut:
            return "cut"
        if draw < self.loss:
            return "lost"
        return "late" if self.delay else "passed"


def segment(packet):
    """Source port, destination port and length of the data of a TCP segment; None for any other packet."""
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] != TCP:
        return None
    # A later fragment has no ports.
    if int.from_bytes(packet[6:8], "big") & 0x1FFF:
        return None
    head = (packet[0] & 0x0F) * 4
    if len(packet) < head + 20:
        return None
    source, destination = (int.from_bytes(packet[head + at : head + at + 2], "big") for at in (0, 2))
    length = int.from_bytes(packet[2:4], "big") - head - (packet[head + 12] >> 4) * 4
    return source, destination, length


class Passage:
    """Both directions of a link."""

    def __init__(self, host, trial, seed):
        self.other = {host: trial, trial: host}
        self.host = host
        self.weather, self.random = Weather(), random.Random(seed)
        self.late = collections.deque()
        self.fates = collections.Counter()
        # Bytes that the host sent, by the port that they went to.
        self.sent = collections.Counter()

    def take(self, descriptor, packet, now):
        """Passes a packet on, keeps it for later, or drops it."""
        if packet[0] >> 4 != 4:
            return
        found = segment(packet)
        fate = self.weather.fate(found[:2] if found else (), self.random.random())
        self.fates[fate] += 1
        if fate in ("passed", "late") and found and descriptor == self.host:
            self.sent[found[1]] += found[2]
        if fate == "passed":
            self.put(self.other[descriptor], packet)
        elif fate == "late":
            # No packet overtakes another one, also if the delay becomes shorter.
            due = max(now + self.weather.delay, self.late[-1][0] if self.late else 0)
            self.late.append((due, self.other[descriptor], packet))

    def put_late(self, now):
        """Passes on what is due. Returns how long until the next packet is; None if there is none."""
        while self.late and self.late[0][0] <= now:
            _, descriptor, packet = self.late.popleft()
            self.put(descriptor, packet)
        return max(0, self.late[0][0] - now) if self.late else None

    def put(self, descriptor, packet):
        try:
            os.write(descriptor, packet)
        except OSError:
            # A full queue drops packets on any machine.
            self.fates["refused"] += 1

    def told(self):
        return {**self.fates, "sent": {str(port): count for port, count in self.sent.items()}}


def main(host, trial, seed):
    passage = Passage(host, trial, seed)
    for descriptor in (host, trial, 0):
        os.set_blocking(descriptor, False)
    said = b""
    while True:
        ready, _, _ = select.select([host, trial, 0], [], [], passage.put_late(time.monotonic()))
        for descriptor in (host, trial):
            if descriptor not in ready:
                continue
            # Not for ever: the other direction has its turn, and what is late is due.
            for _ in range(32):
                try:
                    packet = os.read(descriptor, 65536)
                except BlockingIOError:
                    break
                passage.take(descriptor, packet, time.monotonic())
        if 0 in ready:
            piece = os.read(0, 4096)
            if not piece:
                return
            *lines, said = (said + piece).split(b"\n")
            for line in lines:
                if line:
                    passage.weather = Weather(**json.loads(line))
                print(json.dumps(passage.told()), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
