"""What the tests of the packages share: a machine, what is run there, and what must come of it."""

import json
import os
import re
import stat
import struct
import time
import zlib

from machine import Failure

# What only the service writes into its state directory.
state = re.compile(r"/var/lib/outtray/(outtray\..*|control\.sock|manifest\..*|page-sessions\.json|drops(/.*)?)")


def picture(width, height=8, noise=None):
    """A grey PNG, other bytes for each width. `noise` makes it as large as its pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + (noise(width) if noise else b"\x80" * width) for _ in range(height))
    packed = zlib.compress(rows, 0 if noise else 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


class Trial:
    """Steps on a machine. `said` is what a step has to tell beside its time."""

    def __init__(self, at):
        self.machine, self.said, self.dropped = at, [], 0

    def run(self, command, expected=0):
        return self.machine.run(command, expected)

    def as_user(self, command, expected=0):
        return self.run(f"runuser -u outtray -- {command}", expected)

    def start_sandbox(self, program, name):
        """Starts it, and waits until it answers. Its files go to /tmp/NAME."""
        self.machine.start(f"outtray-{name}", f"{program} sandbox --directory /tmp/{name}")
        listening = "until (: </dev/tcp/127.0.0.1/4100) 2>/dev/null; do sleep 0.1; done"
        self.run(f"timeout 30 bash -c '{listening}'")

    def shown(self, name):
        return self.run(f"systemctl show --property={name} --value outtray").strip()

    def process(self):
        return self.shown("MainPID") if self.machine.has_systemd else None

    def drop(self, name, data=None):
        """Puts a picture into the folder, and waits until it is up unless its bytes are given."""
        self.dropped += 1
        self.write(f"/srv/inbox/{name}", data or picture(self.dropped + 8))
        if not data:
            self.go_up(name)

    def go_up(self, name):
        if self.machine.has_systemd:
            self.run(f"outtray wait --timeout 30s /srv/inbox/{name}")
        else:
            self.as_user("outtray sync")

    def id_of(self, name):
        return self.run(f"outtray manifest get --field mediaId /srv/inbox/{name}").strip()

    def all_are_up_once(self):
        # The snapshot comes at an interval (docs/manifest.md), so the last file may be a moment late.
        self.waits_until("the manifest has all files", lambda: len(self.ids()) >= self.dropped)
        self.equal(len(self.ids()), self.dropped, "assets")
        stored = int(self.run("find /tmp/sandbox -type f -name '*.png' | wc -l"))
        self.equal(stored, self.dropped, "files at the sandbox")

    def ids(self):
        return {json.loads(entry)["mediaId"] for entry in self.run("outtray manifest list --json").splitlines()}

    def waits_until(self, what, is_so):
        patience = time.monotonic() + 30
        while not is_so():
            if time.monotonic() > patience:
                raise Failure(f"never so: {what}\n{self.run('outtray status', None)}")
            time.sleep(0.1)

    def equal(self, found, expected, what):
        if found != expected:
            raise Failure(f"{what}: {found!r}, not {expected!r}")

    def has(self, text, words, what):
        if words not in text:
            raise Failure(f"{what}: {text.strip()!r} does not have {words!r}")

    def is_directory(self, path):
        return stat.S_ISDIR(os.lstat(self.machine.tree + path).st_mode)

    def write(self, path, data, mode=0o644):
        """Writes a file whole, as `mv` would."""
        whole = self.machine.tree + path
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(f"{whole}.tmp", "wb") as file:
            file.write(data)
        os.chmod(f"{whole}.tmp", mode)
        os.rename(f"{whole}.tmp", whole)
