"""Outtray at work for a test: the sandbox, one folder, and the page at a port of this machine."""

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64
    + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000000ffc4001410010000000000000000000000000000"
    "0000ffda0008010100003f0037ffd9"
)

# One red dot.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cfc0000003010100f7034143"
    "0000000049454e44ae426082"
)


def box(kind, content):
    return (8 + len(content)).to_bytes(4, "big") + kind + content


# The index of an MP4 with one video track.
INDEX = box(b"moov", box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + b"vide" + bytes(13)))))


def video(width, height, milliseconds):
    """The index of an MP4 with one video track that is shown turned by 90 degrees."""
    turn = b"".join(n.to_bytes(4, "big", signed=True) for n in [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30])
    plain = b"".join(n.to_bytes(4, "big") for n in [65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30])
    movie = bytes(12) + (1000).to_bytes(4, "big") + milliseconds.to_bytes(4, "big") + bytes(16) + plain + bytes(28)
    track = b"\0\0\0\3" + bytes(36) + turn + (width << 16).to_bytes(4, "big") + (height << 16).to_bytes(4, "big")
    handler = box(b"hdlr", bytes(8) + b"vide" + bytes(13))
    index = box(b"moov", box(b"mvhd", movie) + box(b"trak", box(b"tkhd", track) + box(b"mdia", handler)))
    return b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + index + box(b"mdat", bytes(90))


def free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


class Service:
    """`page.example` is a host of the page, too.

    `weather` is for the sandbox, `folder` has further keys of the folder. `fleet`: the database of a fleet, and the name of
    this host in it.
    """

    def __init__(self, outtray, *weather, folder="", fleet=None):
        self.outtray = outtray
        self.folder = folder
        self.fleet = fleet
        self.root = tempfile.mkdtemp(prefix="outtray-page-")
        self.inbox = os.path.join(self.root, "inbox")
        os.mkdir(self.inbox)
        self.port = free_port()
        self.process = self.sandbox = None
        # After an interruption, unittest does not clean up.
        atexit.register(self.close)
        try:
            self._start_all(weather)
        except BaseException:
            self.close()
            raise

    def _start_all(self, weather):
        outtray = self.outtray
        self.sandbox = subprocess.Popen(
            [outtray, "sandbox", "--postbreeze-port", "0", "--connectsafely-port", "0", "--storage-port", "0",
             "--no-rate-limits", "--directory", os.path.join(self.root, "sandbox"), *weather],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        # A sandbox that says nothing is ended, which ends the reading.
        patience = threading.Timer(60, self.sandbox.kill)
        patience.start()
        try:
            line = next((line for line in self.sandbox.stdout if line.startswith("postbreeze")), None)
        finally:
            patience.cancel()
        if line is None:
            raise AssertionError("the sandbox does not say where it is")
        address, key = re.search(r"(http://\S+)\s+key (\S+)", line).groups()
        self._write("key", key, 0o600)
        self._write("outtray.yaml", f"""
            state_dir: {self.root}/state
            listen: {{address: 127.0.0.1:{self.port}, serve: [page], hosts: [page.example]}}
            accounts:
              # The sandbox limits no rate. At the provider's own, thirty-five files are followed by a minute's rest.
              main:
                provider: postbreeze
                base_url: {address}
                api_key_file: {self.root}/key
                rate: [100000/60s]
            folders:
              inbox: {{path: {self.inbox}, account: main, settle: 200ms, settle_renamed: 10ms, accept_drops: true{self.folder}}}
            {self._fleet()}
            """, 0o644)
        if self.fleet:
            words = ["--role", "outtray", "--database", self.fleet[0].conninfo_of_owner]
            self._run("fleet", "init", *words, "--config", f"{self.root}/outtray.yaml").check_returncode()
        self.start()

    def _write(self, name, text, mode):
        path = os.path.join(self.root, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def _fleet(self):
        if not self.fleet:
            return ""
        database, name = self.fleet
        # Each host has a sandbox of its own, so each has an account of its own.
        return f'fleet: {{database: "{database.conninfo}", host: {name}, accounts: {{main: of-{name}}}, take_over_after: 15s}}'

    def command(self, *arguments):
        return self._run(arguments[0], "--config", f"{self.root}/outtray.yaml", *arguments[1:])

    def _run(self, *words):
        return subprocess.run([self.outtray, *words], capture_output=True, text=True, timeout=60)

    def start(self):
        with open(f"{self.root}/log", "ab") as log:
            self.process = subprocess.Popen(
                [self.outtray, "run", "--config", f"{self.root}/outtray.yaml"], stdout=log, stderr=log
            )
        end = time.monotonic() + 60
        while self.command("page", "--json").returncode != 0:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(open(f"{self.root}/log").read())
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def link(self, *arguments, host=None):
        url = json.loads(self.command("page", "--json", *arguments).stdout)["url"]
        return url.replace("127.0.0.1", host) if host else url

    def drop(self, name, content=JPEG):
        """Renames a file into place. `name` may be bytes."""
        folder = self.inbox if isinstance(name, str) else self.inbox.encode()
        hidden = os.path.join(self.root, "new")
        with open(hidden, "wb") as file:
            file.write(content)
        os.rename(hidden, os.path.join(folder, name))

    def drop_long_video(self, name, size):
        """A video of zeros, which takes next to no room here."""
        hidden = os.path.join(self.root, "new")
        with open(hidden, "wb") as file:
            head = b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + INDEX
            file.write(head + (size - len(head)).to_bytes(4, "big") + b"mdat")
            file.truncate(size)
        os.rename(hidden, os.path.join(self.inbox, name))

    def fill(self, count):
        """So many small pictures, each of its own."""
        for number in range(count):
            self.drop(f"picture-{number:05}.jpg", JPEG + number.to_bytes(4, "big"))

    def close(self):
        atexit.unregister(self.close)
        running = [process for process in [self.process, self.sandbox] if process]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.sandbox:
            self.sandbox.stdout.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
