"""Hosts in network namespaces of their own, each with a link to the trial: what netem does, where the kernel has none.

A link is two TUN devices, one in the host's namespace and one in the trial's, and a process that passes the packets
(`passing.py`).
"""

import ctypes
import fcntl
import json
import os
import struct
import subprocess
import sys
import threading

# Where all hosts find provider and database.
ADDRESS = "10.78.0.1"

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

libc = ctypes.CDLL(None, use_errno=True)


def leave_machine():
    """Puts this process into a network and a mount namespace of its own: no address and no mount is anybody else's.

    Returns why that cannot be; None if it was done.
    """
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "there is no /dev/net/tun"
    try:
        call(libc.unshare, CLONE_NEWNET | CLONE_NEWNS)
        run("mount", "--make-rprivate", "/")
        run("ip", "link", "set", "lo", "up")
        run("ip", "address", "add", f"{ADDRESS}/32", "dev", "lo")
        os.close(tun("probe"))
    except (OSError, subprocess.CalledProcessError) as error:
        return f"this machine lets no network namespace with TUN devices be made: {error}"
    return None


class Link:
    """A host's namespace, and its only way out."""

    def __init__(self, number, seed):
        self.name = f"link{number}"
        near, far = f"10.77.{number}.1", f"10.77.{number}.2"
        self.namespace = in_thread(new_namespace)
        host = self.within(lambda: tun("out"))
        trial = tun(self.name)
        run("ip", "address", "add", near, "peer", far, "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        for words in [
            ("ip", "link", "set", "lo", "up"),
            ("ip", "address", "add", far, "peer", near, "dev", "out"),
            ("ip", "link", "set", "out", "up"),
            ("ip", "route", "add", "default", "via", near),
        ]:
            run(*self.inside(words), pass_fds=[self.namespace])
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "passing.py")
        self.process = subprocess.Popen(
            [sys.executable, program, str(host), str(trial), f"{seed * 1000 + number}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[host, trial],
        )
        os.close(host)
        os.close(trial)

    def inside(self, words):
        """The command that runs another one in the namespace. It needs the descriptor `namespace`."""
        return ["nsenter", f"--net=/proc/self/fd/{self.namespace}", "--", *words]

    def within(self, work):
        """Does some work in the namespace, and returns what comes of it."""

        def entered():
            call(libc.setns, self.namespace, CLONE_NEWNET)
            return work()

        return in_thread(entered)

    def set(self, **weather):
        """Changes the weather; without words, to none at all. Returns what became of the packets so far."""
        return self.ask(json.dumps(weather))

    def told(self):
        """What became of the packets so far: how many `passed`, were `late`, `lost`, `cut`; bytes `sent` by port."""
        return self.ask("")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        os.close(self.namespace)


def run(*words, **settings):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, **settings)


def call(function, *numbers):
    if function(*numbers) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def in_thread(work):
    """Does some work in a thread that ends with it: a namespace is a thread's own."""
    outcome = []

    def do():
        try:
            outcome.append((work(), None))
        except Exception as error:
            outcome.append((None, error))

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
    value, error = outcome[0]
    if error:
        raise error
    return value


def new_namespace():
    call(libc.unshare, CLONE_NEWNET)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def tun(name):
    """A new TUN device in the namespace of this thread. It lives as long as its descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor
