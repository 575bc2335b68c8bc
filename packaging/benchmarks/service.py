"""Outtray as a contender: its configuration, its runs, and the proof that it has done the work."""

import contextlib
import os
import shutil
import socket
import threading
import time

from measure import RowFailure, Running


quiet = ["--log-level", "error"]


class Outtray:
    """One binary of Outtray with one configuration and a state directory of its own."""

    def __init__(
        self, place, binary, sink, folder, *,
        provider="postbreeze", tls=False, api=None, concurrency=8, settle="20ms", after="keep",
    ):
        self.place = place
        self.binary = binary
        number = place.next_number()
        self.state = place.path(f"state-{number}")
        self.configuration = place.path(f"outtray-{number}.yaml")
        key = place.path("main.key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("key-of-the-benchmark")
        base = (api or sink.base(tls)) + ("/api/v1" if provider == "postbreeze" else "/linkedin")
        authority = f', ca_file: "{sink.certificate}"' if tls else ""
        with open(self.configuration, "w") as file:
            file.write(
                f"""\
state_dir: "{self.state}"
accounts:
  main:
    {{provider: {provider}, base_url: "{base}", api_key_file: "{key}", concurrency: {concurrency},
     rate: [1000000/1s], limits: {{video: 5GiB}}{authority}}}
folders:
  inbox: {{path: "{folder}", account: main, settle: {settle}, settle_renamed: {settle}, after_upload: {after}}}
"""
            )

    def forget(self):
        """Removes the state, so that nothing is known."""
        shutil.rmtree(self.state, ignore_errors=True)

    def sync(self, uploaded, known=0, waiting=0):
        """One pass, proven: how it ends, its last words, and an entry in the manifest for each file."""
        cost = Running(self.place, self.command("sync", *quiet)).end()
        told = f"{uploaded} uploaded, 0 known already, 0 rejected, {waiting} waiting"
        if cost.status != (75 if waiting else 0) or told not in cost.output:
            raise RowFailure(f"outtray sync ended with {cost.status}: {cost.output[-500:]}")
        entries = self.entries()
        if entries != uploaded + known:
            raise RowFailure(f"the manifest has {entries} entries instead of {uploaded + known}")
        return cost

    def entries(self):
        """How many entries the manifest has. Each stands on a line of its own (docs/manifest.md)."""
        count = 0
        with open(os.path.join(self.state, "manifest.json"), "rb") as file:
            for line in file:
                if b'"rejected":{' in line[:14] or line.startswith(b"},"):
                    break
                count += line.startswith(b'"')
        return count

    @contextlib.contextmanager
    def service(self, env=None):
        """A service that runs, as systemd would start it. Yields it and the seconds until it told READY=1."""
        path = self.place.path(f"notify-{self.place.next_number()}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(path)
            told.settimeout(600)
            begin = time.monotonic()
            running = Running(self.place, self.command("run", *quiet), env={"NOTIFY_SOCKET": path, **(env or {})})
            try:
                while b"READY=1" not in told.recv(4096):
                    pass
                wall = time.monotonic() - begin
                # As systemd does, somebody has to read on: a full socket would hold up the service.
                threading.Thread(target=read_on, args=[told], daemon=True).start()
                yield running, wall
            except TimeoutError:
                raise RowFailure(f"outtray was not ready in 600 s: {running.output()[-500:]}") from None
            finally:
                cost = running.stop()
            if cost.status != 0:
                raise RowFailure(f"outtray run ended with {cost.status}: {cost.output[-500:]}")

    def command(self, *words):
        return [self.binary, *words, "--config", self.configuration]


def read_on(told):
    """Reads what the service tells until the socket is closed."""
    with contextlib.suppress(OSError):
        while told.recv(4096):
            pass
