"""The clock of a database server, which a trial steps: libfaketime, preloaded into the server alone."""

import glob
import os


def library():
    """Debian's libfaketime; None where it is not installed."""
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


class Clock:
    def __init__(self, root):
        self.file = f"{root}/clock"
        self.step(0)

    def step(self, seconds):
        """Sets how far the clock is from the machine's. The server reads it with each look at the time."""
        with open(f"{self.file}.new", "w") as file:
            file.write(f"{seconds:+d}\n")
        os.chmod(f"{self.file}.new", 0o644)
        os.rename(f"{self.file}.new", self.file)

    @property
    def environment(self):
        """What the server starts with. A step concerns the time of day alone, as on a real machine."""
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": self.file,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
