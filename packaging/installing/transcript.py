"""What a person types, and how long that takes."""

import time


class Transcript:
    """Runs commands on a machine, and remembers each with its seconds."""

    def __init__(self, at):
        self.machine, self.commands, self.last = at, [], ""

    def run(self, command, at="/root"):
        begin = time.monotonic()
        self.last = self.machine.run(f"cd {at} && {command}")
        self.commands.append((command, time.monotonic() - begin))
        return self.last

    def lines(self):
        """The commands, what the last one said, and the sum."""
        told = [f"{seconds:6.1f} s  # {command}" for command, seconds in self.commands]
        total = sum(seconds for _, seconds in self.commands)
        return [*told, f"          {self.last.strip()}", f"{total:6.1f} s  {len(self.commands)} commands"]
