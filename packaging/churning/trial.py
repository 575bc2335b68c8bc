"""One trial: a seed in a mode, from the first operation until all agrees, or does not."""

import dataclasses
import os
import shutil
import signal
import subprocess
import tempfile
import time

from judge import disk, findings
from operations import Generator, Hand
from service import Failure, Service, mount_points

@dataclasses.dataclass
class Mode:
    """What interrupts the operations, each with one of `arguments`, and the figure that shows that the mode had an effect."""

    interruptions: list
    effect: str
    # Seconds.
    arguments: tuple = (0, 0.05, 0.4)
    # How many operations there are between two interruptions, on an average.
    between: int = 150
    # Directories that are among those of the operations.
    places: tuple = ()


modes = {
    "plain": Mode(["reload"], "uploads"),
    "overflow": Mode(["freeze"], "overflows"),
    "watches": Mode([], "directories polled"),
    "polling": Mode(["reload"], "directories polled"),
    "kill": Mode(["kill", "kill", "restart"], "killed"),
    "weather": Mode(["freeze"], "requests that failed"),
    "mounts": Mode(["mount", "unmount"], "unmounted", tuple(range(len(mount_points))), 30, tuple(mount_points)),
}


interruptions = {name for mode in modes.values() for name in mode.interruptions}


class Trial:
    """`operations`: those of an earlier trial, to be done once more; otherwise the seed makes them."""

    def __init__(self, options, mode, seed, operations=None):
        self.options, self.mode, self.seed = options, mode, seed
        self.operations = operations
        self.told = {}

    def run(self):
        """Returns what is wrong, as a list of `judge.findings`."""
        place = tempfile.mkdtemp(prefix="outtray-churn-", dir=self.options.directory)
        mode = modes[self.mode]
        generator = Generator(self.seed, mode.interruptions, mode.arguments, mode.places, mode.between)
        hand, wrong, service = Hand(place), [], None
        try:
            service = Service(self.options.binary, place, generator.settings, self.mode)
            service.start()
            self._churn(generator, hand, service)
            wrong = self._rest(hand, service)
            self._note(hand, service)
            service.end()
        except (Failure, OSError, ValueError, subprocess.TimeoutExpired) as failure:
            # A service that hangs, or answers what nobody can read, is as wrong as one that ends.
            wrong.append(("service", None, f"{type(failure).__name__}: {failure}"))
        finally:
            if service:
                service.close()
            if wrong and self.options.keep:
                print(f"  kept: {place}")
            else:
                shutil.rmtree(place, ignore_errors=True)
        return wrong

    def _churn(self, generator, hand, service):
        if self.operations is not None:
            for operation in self.operations:
                self._do(operation, hand, service)
        else:
            self.operations = []
            end = time.monotonic() + self.options.seconds
            while time.monotonic() < end:
                operation = generator.next()
                self.operations.append(operation)
                self._do(operation, hand, service)
        self._take_effect(hand, service)
        hand.end()

    def _take_effect(self, hand, service):
        """On a slow machine, few operations may have passed without what the mode is for."""
        if self.mode == "kill" and not service.kills:
            service.kill(0)
        if self.mode == "mounts":
            service.mount_all()
            if not service.unmounts:
                for number in range(len(mount_points)):
                    service.unmount(number)
                service.mount_all()
        if self.mode == "weather" and not failed_requests(service.books()):
            # Every seventh PUT fails.
            self._flood(hand, 8)
        if self.mode == "overflow":
            service.process.send_signal(signal.SIGSTOP)
            self._flood(hand, 40)
            service.process.send_signal(signal.SIGCONT)

    def _flood(self, hand, count):
        for number in range(count):
            hand.do(("write", f"a/flood{number}.pdf", number, 300))

    def _do(self, operation, hand, service):
        if operation[0] in interruptions:
            getattr(service, operation[0])(operation[1])
        else:
            hand.do(operation)

    def _rest(self, hand, service):
        """Waits until all agrees twice in turn. Gives up when nothing has come about for as long as the options say."""
        begin = last = time.monotonic()
        end = begin + 10 * self.options.patience
        agreed, stood, retried, clears = False, None, begin, self.mode == "weather"
        while True:
            manifest, books = service.manifest(), service.books()
            wrong = findings(service.root, manifest, books, hand.whole)
            now = time.monotonic()
            # Requests are no progress: what is sent again and again must not go on for ever.
            if (stands := (manifest["revision"], len(wrong))) != stood:
                last, stood = now, stands
            self.told["rest"] = now - begin
            if clears and (failed_requests(books) or now - begin > 10):
                clears = False
                service.clear_weather()
            # A file that failed again and again waits for minutes.
            if self.mode == "weather" and wrong and now - retried > 5:
                retried = now
                service.command("retry")
            if not wrong and agreed:
                return wrong
            agreed = not wrong
            # What went wrong for good needs no patience.
            lasting = any(kind in ("doubled", "mixed") for kind, _, _ in wrong)
            if wrong and (lasting or now > end or now - last > self.options.patience):
                if not self._is_of_links(wrong, hand, service):
                    return wrong
                last = now
            time.sleep(0.5)

    def _is_of_links(self, wrong, hand, service):
        """Whether only files with several names are missed, and no scan was asked for yet: then asks for one.

        The kernel tells a change under the name that it was made by. Once that name is gone, or was never seen, only a
        scan finds the change under the others.
        """
        if "scans asked for" in self.told:
            return False
        for kind, path, _ in wrong:
            status = os.lstat(os.path.join(service.root, path)) if kind == "missed" else None
            if not status or (status.st_dev, status.st_ino) not in hand.linked:
                return False
        self.told["scans asked for"] = 1
        service.command("rescan")
        return True

    def _note(self, hand, service):
        status = service.status()
        books = service.books()
        self.told |= {
            "operations": hand.done,
            "files": len(disk(service.root)),
            "uploads": sum(bool(asset.get("sha256")) for asset in books["assets"]),
            "killed": service.kills,
            "unmounted": service.unmounts,
            "overflows": sum(folder["overflows"] for folder in status["folders"]),
            "directories polled": sum(folder["polledDirectories"] for folder in status["folders"]),
            "requests that failed": failed_requests(books),
        }

    @property
    def effect(self):
        """How often the mode did what it is for."""
        return self.told.get(modes[self.mode].effect, 0)

    def summary(self):
        return ", ".join(f"{value:.1f} s {key}" if key == "rest" else f"{value:,} {key}" for key, value in self.told.items())


def failed_requests(books):
    """PUTs that were answered with an error of the server, or not at all."""
    return sum(put.get("status", 500) >= 500 for put in books["puts"])
