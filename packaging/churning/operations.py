"""What churn does to files: operations by name, made from a seed, and done to a directory.

An operation is a tuple of a name and its arguments, such as `("rename", "a/d1/n3.pdf", "b/n0.pdf")`. Names come from a small
pool, so that operations meet each other's files. What cannot be done, as nothing has that name just now, is passed over: so
each part of a sequence can be done without the rest.
"""

import contextlib
import ctypes
import hashlib
import mmap
import os
import random
import shutil
import time

libc = ctypes.CDLL(None, use_errno=True)
RENAME_EXCHANGE = 2
AT_FDCWD = -100

folders = ["a", "b", "c"]
noise = random.Random(0).randbytes(1 << 20).replace(b"\n", b" ").replace(b"%", b" ")


def content(number, size):
    """A PDF of about this size. One number and size give the same bytes each time; other numbers give others."""
    head = b"%%PDF-1.4\n%%%09d\n" % number
    begin = number * 7919 % (len(noise) // 2)
    body = (noise[begin:] + noise) * (size // len(noise) + 1)
    return head + body[:size] + b"\n%%EOF\n"


class Generator:
    """Endless operations from a seed. Each seed has its own names, tempo and liking for operations."""

    def __init__(self, seed, interruptions=(), arguments=(0,), places=(), between=150):
        self.draw = random.Random(seed)
        self.interruptions, self.arguments, self.between = list(interruptions), list(arguments), between
        pool = list(folders)
        for number in range(self.draw.choice([2, 6, 30])):
            pool.append(f"{self.draw.choice(pool)}/d{number}")
        self.directories = pool + list(places)
        self.names = [f"n{number}" for number in range(self.draw.choice([2, 8, 60]))]
        self.contents = self.draw.choice([3, 40, 1_000_000])
        # How many operations follow each other at full speed, and how long the rest then is, in seconds.
        self.burst = self.draw.choice([20, 300, 4000])
        self.rest = self.draw.choice([0.02, 0.1, 0.4])
        self.settings = {
            "settle": self.draw.choice(["20ms", "100ms", "300ms"]),
            "settle_renamed": self.draw.choice(["0s", "20ms", "100ms"]),
            "concurrency": self.draw.choice([1, 4, 8]),
        }
        self.weights = {name: weight * self.draw.choice([0, 1, 1, 1, 4]) for name, weight in kinds.items()}
        self.weights["write"] = max(self.weights["write"], 20)
        self.held = 0

    def next(self):
        """The next operation. A rest ends a burst."""
        if self.interruptions and self.draw.random() < 1 / self.between:
            return self.draw.choice(self.interruptions), self.draw.choice(self.arguments)
        if self.draw.random() < 1 / self.burst:
            return "rest", round(self.draw.expovariate(1 / self.rest), 3)
        [name] = self.draw.choices(list(self.weights), list(self.weights.values()))
        return (name, *getattr(self, f"_{name}", self._one)())

    def _file(self):
        ending = self.draw.choices([".pdf", ".txt", ".part"], [30, 1, 1])[0]
        return f"{self.draw.choice(self.directories)}/{self.draw.choice(self.names)}{ending}"

    def _directory(self):
        # The folders themselves stay: their going is another test.
        return self.draw.choice([path for path in self.directories if "/" in path] or ["a/d"])

    def _bytes(self):
        size = self.draw.choice([0, 30, 3000, 30_000, 30_000, 200_000])
        if self.draw.random() < 0.003:
            size = 5 << 20
        return self.draw.randrange(self.contents), size

    def _one(self):
        return (self._file(),)

    def _two(self):
        return self._file(), self._file()

    def _write(self):
        return self._file(), *self._bytes()

    _append = _patch = _atomic = _mapped = _truncate = _write

    def _slowly(self):
        # Longer than the settle time, with the file open: what is there meanwhile must not go up.
        return self._file(), *self._bytes(), self.draw.choice([0.01, 0.15, 0.5])

    def _hold(self):
        self.held += 1
        return self.held % 4, self._file(), *self._bytes()

    def _release(self):
        return (self.draw.randrange(4), *self._bytes())

    _rename = _exchange = _link = _symlink = _copy = _two

    def _chmod(self):
        return self._file(), self.draw.choice([0o600, 0o644, 0o444])

    def _mkdir(self):
        return (self._directory(),)

    _rmdir = _rmtree = _empty = _mkdir

    def _rename_directory(self):
        return self._directory(), self._directory()

    def _move_out(self):
        return (self._directory(), f"outside/t{self.draw.randrange(3)}")

    def _move_in(self):
        return (f"outside/t{self.draw.randrange(3)}", self._directory())

    def _plant(self):
        return (f"outside/t{self.draw.randrange(3)}", self.draw.randrange(1, 30), self.draw.randrange(self.contents))


# Each operation, and how often it is drawn beside the others.
kinds = {
    "write": 30, "append": 4, "patch": 4, "truncate": 2, "mapped": 2, "atomic": 12, "slowly": 0.1, "hold": 1, "release": 2,
    "rename": 12, "exchange": 3, "link": 4, "symlink": 1, "copy": 3, "delete": 8, "chmod": 2, "touch": 3,
    "mkdir": 8, "rmdir": 3, "rmtree": 1, "empty": 1, "rename_directory": 3, "move_out": 1, "move_in": 1.5, "plant": 1.5,
}


class Hand:
    """Does operations beneath `root`, and remembers the digest of each content that a file had between two of them."""

    def __init__(self, root):
        self.root = root
        self.whole = set()
        # Files that have had several names: (device, inode).
        self.linked = set()
        self.done = 0
        self._held = {}
        for folder in [*folders, "outside"]:
            os.makedirs(self.at(folder), exist_ok=True)

    def at(self, path):
        return os.path.join(self.root, path)

    def do(self, operation):
        name, *arguments = operation
        with contextlib.suppress(OSError, shutil.Error):
            getattr(self, name)(*arguments)
            self.done += 1

    def end(self):
        """Closes what is open."""
        for number in list(self._held):
            self.release(number, 0, 0)

    def rest(self, seconds):
        time.sleep(seconds)

    def _saw(self, descriptor):
        digest, offset = hashlib.sha256(), 0
        while piece := os.pread(descriptor, 1 << 20, offset):
            digest.update(piece)
            offset += len(piece)
        self.whole.add(digest.hexdigest())

    @contextlib.contextmanager
    def _open(self, path, flags):
        descriptor = self._opened(path, flags)
        try:
            yield descriptor
            # Before it is closed: the service may be done with the file right after.
            self._saw(descriptor)
        finally:
            os.close(descriptor)

    def _opened(self, path, flags):
        is_new = not os.path.lexists(self.at(path))
        descriptor = os.open(self.at(path), flags | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        if is_new:
            # Its number may be that of a file that is gone.
            status = os.fstat(descriptor)
            self.linked.discard((status.st_dev, status.st_ino))
        return descriptor

    # Files

    def write(self, path, number, size):
        with self._open(path, os.O_CREAT | os.O_TRUNC) as file:
            write_all(file, content(number, size) if size else b"")

    def append(self, path, number, size):
        with self._open(path, os.O_APPEND) as file:
            write_all(file, content(number, size))

    def patch(self, path, number, size):
        """Other bytes in the middle, and the old modification time."""
        with self._open(path, 0) as file:
            before = os.fstat(file)
            room = max(0, before.st_size - 30)
            os.pwrite(file, content(number, min(size, room))[10:room], 10)
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def truncate(self, path, number, size):
        with self._open(path, 0) as file:
            os.ftruncate(file, min(size, os.fstat(file).st_size))

    def mapped(self, path, number, size):
        with self._open(path, 0) as file:
            length = os.fstat(file).st_size
            if length > 40:
                with mmap.mmap(file, length) as memory:
                    new = content(number, 8)[:30]
                    memory[10 : 10 + len(new)] = new
                    memory.flush()

    def atomic(self, path, number, size):
        """As rsync does: under a hidden name beside it, then a rename."""
        directory, name = os.path.split(path)
        hidden = f"{directory}/.{name}.Xy12Zz"
        with self._open(hidden, os.O_CREAT | os.O_TRUNC) as file:
            write_all(file, content(number, size) if size else b"")
        os.rename(self.at(hidden), self.at(path))

    def slowly(self, path, number, size, pause):
        with self._open(path, os.O_CREAT | os.O_TRUNC) as file:
            whole = content(number, size)
            write_all(file, whole[: len(whole) // 2])
            time.sleep(pause)
            write_all(file, whole[len(whole) // 2 :])

    def hold(self, number, path, *bytes_of):
        """Opens a file that stays open over other operations, with the first half of what it is to have."""
        self.release(number, 0, 0)
        descriptor = self._opened(path, os.O_CREAT | os.O_TRUNC)
        self._held[number] = descriptor
        whole = content(*bytes_of)
        write_all(descriptor, whole[: len(whole) // 2])

    def release(self, number, *bytes_of):
        descriptor = self._held.pop(number, None)
        if descriptor is None:
            return
        try:
            write_all(descriptor, content(*bytes_of))
            self._saw(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, path, other):
        os.rename(self.at(path), self.at(other))

    def exchange(self, path, other):
        paths = [os.fsencode(self.at(each)) for each in (path, other)]
        if libc.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE):
            raise OSError(ctypes.get_errno(), "renameat2")

    def link(self, path, other):
        os.link(self.at(path), self.at(other), follow_symlinks=False)
        status = os.lstat(self.at(other))
        self.linked.add((status.st_dev, status.st_ino))

    def symlink(self, path, other):
        os.symlink(self.at(path), self.at(other))

    def copy(self, path, other):
        """The same bytes under another name, with the old modification time."""
        with self._open(path, 0) as source, self._open(other, os.O_CREAT | os.O_TRUNC) as target:
            offset = 0
            while piece := os.pread(source, 1 << 20, offset):
                offset += os.write(target, piece)
            before = os.fstat(source)
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))

    def delete(self, path):
        os.unlink(self.at(path))

    def chmod(self, path, mode):
        os.chmod(self.at(path), mode)

    def touch(self, path):
        os.utime(self.at(path), follow_symlinks=False)

    # Directories

    def mkdir(self, path):
        os.makedirs(self.at(path))

    def rmdir(self, path):
        os.rmdir(self.at(path))

    def rmtree(self, path):
        shutil.rmtree(self.at(path))

    def empty(self, path):
        for entry in list(os.scandir(self.at(path))):
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)

    def rename_directory(self, path, other):
        os.rename(self.at(path), self.at(other))

    move_out = rename_directory

    def move_in(self, path, other):
        os.rename(self.at(path), self.at(other))

    def plant(self, path, count, number):
        """A tree outside, for a later move into a folder."""
        os.makedirs(self.at(path), exist_ok=True)
        for each in range(count):
            directory = f"{path}/s{each % 3}" if each % 2 else path
            os.makedirs(self.at(directory), exist_ok=True)
            self.write(f"{directory}/n{each}.pdf", number + each, 3000)


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
