"""The directory of one run, the tools built in it, and the files that contenders upload."""

import contextlib
import itertools
import os
import random
import shutil
import subprocess

from measure import Missing

here = os.path.dirname(os.path.abspath(__file__))


class Place:
    """A directory of its own, removed at the end."""

    def __init__(self, directory, outtray, rivals, seed=20261129, patience=7200):
        self.directory = directory
        self.outtray = outtray
        self.rivals = rivals  # {name: other binaries of Outtray to run beside}
        self.seed = seed
        self.patience = patience  # seconds; a command that takes longer is killed
        self.running = set()  # commands that have not ended
        self._numbers = itertools.count(1)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def next_number(self):
        return next(self._numbers)

    def fresh(self, name):
        """An empty directory of that name."""
        path = self.path(name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def tool(self, name):
        return self.path("tools", name)

    def build_tools(self):
        """Compiles the sink and the launcher, and makes the sink's certificate."""
        os.makedirs(self.path("tools"))
        compiler = next((name for name in ("cc", "clang", "gcc") if shutil.which(name)), None)
        if not compiler:
            raise Missing("a C compiler (clang comes with Swift)")
        for name, more in {
            "sink": ["-lssl", "-lcrypto", "-lpthread"],
            "cost": [],
            "slow_sync.so": ["-shared", "-fPIC", "-ldl"],
        }.items():
            source = os.path.join(here, f"{name.removesuffix('.so')}.c")
            flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
            if subprocess.run([compiler, *flags, "-o", self.tool(name), source, *more]).returncode:
                raise Missing(f"way to compile {name.removesuffix('.so')}.c; it needs a C library and libssl-dev")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            + ["-days", "2", "-subj", "/CN=sink", "-addext", "subjectAltName=IP:127.0.0.1"]
            + ["-keyout", self.tool("key.pem"), "-out", self.tool("cert.pem")],
            check=True,
            stderr=subprocess.DEVNULL,
        )

    # Inputs

    def write_documents(self, directory, sizes):
        """PDFs of these sizes, each with bytes of its own."""
        source = random.Random(self.seed)
        noise = source.randbytes(1 << 20).replace(b"\n", b" ").replace(b"%", b" ")
        for number, size in enumerate(sizes):
            head, tail = b"%%PDF-1.4\n%%%09d\n" % number, b"\n%%EOF\n"
            length = size - len(head) - len(tail)
            begin = source.randrange(len(noise) - length) if length > 0 else 0
            with open(os.path.join(directory, f"{number:07d}.pdf"), "wb") as file:
                file.write(head + noise[begin : begin + max(0, length)] + tail)

    def write_video(self, path, size):
        """An MP4 of that size: its first box, the index of a video track, then noise up to the end."""
        source = random.Random(self.seed)
        index = b""
        for kind, content in [(b"hdlr", bytes(8) + b"vide" + bytes(13)), (b"mdia", b""), (b"trak", b""), (b"moov", b"")]:
            index = (8 + len(index + content)).to_bytes(4, "big") + kind + index + content
        head = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + index + b"\0\0\0\0mdat"
        with open(path, "wb") as file:
            file.write(head)
            file.write(source.randbytes((1 << 20) - len(head)))
            for _ in range((size >> 20) - 1):
                file.write(source.randbytes(1 << 20))

    def random_sizes(self, count, smallest, largest):
        source = random.Random(self.seed)
        return [source.randrange(smallest, largest + 1) for _ in range(count)]

    def settle_disk(self):
        """Writes out what the inputs left behind, so that no contender pays for it."""
        os.sync()

    def clear(self):
        """Removes what a row left behind; a million files take 4 GiB."""
        for entry in os.scandir(self.directory):
            if entry.name != "tools":
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.remove(entry.path)

    def remove(self):
        """Ends what still runs, and removes the directory."""
        for each in list(self.running):
            each.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree(self.directory)


def files_in(directory):
    return [entry.path for entry in os.scandir(directory) if entry.is_file()]
