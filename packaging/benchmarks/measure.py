"""What a command costs. Every figure of packaging/bench comes from here or from the sink's books."""

import contextlib
import dataclasses
import os
import signal
import statistics
import subprocess
import threading
import time


class RowFailure(Exception):
    """A row whose work was not done, so that its figures mean nothing."""


class Missing(Exception):
    """Something that a row needs and that this machine does not have. The row says so and is left out."""


@dataclasses.dataclass
class Cost:
    """One run of one command, with all that it waited for."""

    status: int
    wall: float  # seconds
    user: float  # seconds of CPU
    system: float
    peak: float  # MiB
    output: str

    @property
    def cpu(self):
        return self.user + self.system


class Running:
    """A command that was started, and whose cost is told at its end."""

    def __init__(self, place, command, env=None, stdin=None):
        self._place = place
        number = place.next_number()
        self._report = place.path(f"cost-{number}")
        self._output = open(place.path(f"output-{number}"), "w+")
        self._command = command
        self._process = subprocess.Popen(
            [place.tool("cost"), self._report, *map(str, command)],
            env=clean_environment(env),
            stdin=stdin or subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=place.directory,
        )
        place.running.add(self)

    @property
    def pid(self):
        """The command's own process id."""
        return int(self._lines(1)[0])

    def output(self):
        with open(self._output.name) as file:
            return file.read()

    def wait_for_output(self, text, patience=120):
        """Waits until the command has written `text`."""
        what = f"{text} of {self._command[0]}"
        until(lambda: text in self.output() or self._process.poll() is not None, patience, what)
        if text not in self.output():
            raise RowFailure(f"{self._command[0]} ended: {self.output()[-500:]}")

    def end(self, patience=None):
        """Waits for the end and returns the cost. A command that takes longer than `patience` is killed."""
        patience = patience or self._place.patience
        # Not `wait(patience)`, which sleeps up to 50 ms at a time.
        timer = threading.Timer(patience, self.signal, [signal.SIGKILL])
        timer.start()
        self._process.wait()
        timer.cancel()
        self._output.close()
        self._place.running.discard(self)
        status, wall, user, system, peak = self._lines(2)[1].split()
        return Cost(int(status), float(wall), float(user), float(system), int(peak) / 1024, self.output())

    def signal(self, number):
        """Sends a signal to the command and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self):
        """Ends the command, unless it has ended, and returns the cost."""
        if self._process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.end(patience=60)

    def peak(self):
        """The peak of memory so far, in MiB."""
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))

    def cpu(self):
        """The seconds of CPU so far. The kernel counts them in hundredths."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_until_idle(self, patience=600):
        """Waits until the command has used no CPU for half a second."""
        end = time.monotonic() + patience
        before = None
        while before != (now := self.cpu()):
            if time.monotonic() > end:
                raise RowFailure(f"{self._command[0]} was not idle in {patience} s")
            before = now
            time.sleep(0.5)

    def _lines(self, count):
        def read():
            with contextlib.suppress(FileNotFoundError), open(self._report) as file:
                return file.read().splitlines()
            return []

        until(lambda: len(read()) >= count, 60, f"a report on {self._command[0]}")
        return read()


def run(place, command, env=None, expected=0):
    """Runs a command to its end. Any other status than the expected one fails the row."""
    cost = Running(place, command, env).end()
    if cost.status != expected:
        raise RowFailure(f"{command[0]} ended with {cost.status}: {cost.output[-500:]}")
    return cost


def until(is_so, patience, what):
    """Waits for a condition, which it looks at every 2 ms."""
    end = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > end:
            raise RowFailure(f"waited {patience} s in vain for: {what}")
        time.sleep(0.002)


def clean_environment(more=None):
    """The environment of all contenders: nothing of a proxy or of a certificate store gets into a figure."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().endswith(("_PROXY", "CA_BUNDLE", "_CERT_FILE")) and name != "NOTIFY_SOCKET"
    }
    return {**env, "LC_ALL": "C.UTF-8", **(more or {})}


def median(values):
    return statistics.median(values)


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
