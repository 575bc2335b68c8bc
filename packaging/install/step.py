"""Says what a script does, and how long that took."""

import time


class Step:
    """Prints what was done and how long that took, or what failed."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.begin = time.monotonic()

    def __exit__(self, kind, *_):
        print(f"{time.monotonic() - self.begin:6.1f} s  {self.name}{'' if kind is None else ': FAILED'}", flush=True)
