"""A fresh Debian 12 in a directory: booted with systemd-nspawn where this machine allows it, else by chroot alone."""

import glob
import hashlib
import os
import shutil
import subprocess
import time


class Failure(Exception):
    """The machine did not do what it must; the text says what."""


# Beside Debian's smallest system: what boots, and what makes users.
included = ["acl", "systemd-sysv", "dbus", "passwd"]
# Debian's archive changes, and so must what was made of it.
days_kept = 7


class Unmade(Exception):
    """No machine can be made here; the text says why."""


def make(tree, dependencies, is_fresh):
    """Makes a Debian 12 from apt's mirror. Its apt can install `dependencies` without a network, and has not done so.

    A tar file of it is kept in the user's cache for a week, unless it must be fresh.
    """
    place = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "outtray")
    with open(os.path.abspath(__file__), "rb") as file:
        made_by = hashlib.sha256(file.read() + " ".join(dependencies).encode()).hexdigest()[:12]
    tar = f"{place}/debian-12-{made_by}.tar"
    if is_fresh or not os.path.exists(tar) or time.time() - os.path.getmtime(tar) > days_kept * 86400:
        os.makedirs(place, exist_ok=True)
        for old in glob.glob(f"{place}/debian-12-*"):
            os.remove(old)
        install(f"{place}/debian-12-new.tar", dependencies)
        os.rename(f"{place}/debian-12-new.tar", tar)
    os.makedirs(tree)
    subprocess.run(["tar", "--extract", "--directory", tree, "--file", tar, "--numeric-owner"], check=True)
    # Debian's installer writes this file, and no package has it.
    with open(f"{tree}/etc/hosts", "w") as file:
        file.write("127.0.0.1 localhost\n::1 localhost\n")


def install(tar, dependencies):
    apt = "APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet --quiet --yes"
    download = f"{apt} clean && {apt} --download-only install {' '.join(dependencies)} && rm -f $1/var/cache/apt/*.bin"
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(included)}"]
    command += ['--aptopt=Acquire::GzipIndexes "true"', '--aptopt=Acquire::Languages "none"']
    command += ["--skip=cleanup/apt/lists,cleanup/apt/cache", f"--customize-hook={download}"]
    if subprocess.run([*command, "bookworm", tar, mirror()]).returncode != 0:
        raise Unmade(f"mmdebstrap made no Debian 12 from {mirror()}")


def mirror():
    """The address of Debian's archive that this machine uses."""
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)"], capture_output=True, text=True).stdout
    return next((site for site in said.split() if site.endswith("/debian")), "http://deb.debian.org/debian")


class Machine:
    """Runs commands as root of the machine."""

    has_systemd = False

    def __init__(self, tree):
        self.tree = tree

    def prefix(self):
        return ["chroot", self.tree]

    def run(self, command, expected=0, timeout=120):
        """Runs a shell command, which ends with the expected code, and returns what it says."""
        whole = [*self.prefix(), "/bin/sh", "-c", command]
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {"PATH": path, "LANG": "C.UTF-8", "NO_COLOR": "1", "DEBIAN_FRONTEND": "noninteractive"}
        result = subprocess.run(
            whole, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, env=environment
        )
        if expected is not None and result.returncode != expected:
            raise Failure(f"{command}: {result.returncode}, not {expected}\n{result.stdout}{result.stderr}".strip())
        return result.stdout

    def start(self, name, command):
        """Starts a command that goes on."""
        self.run(f"setsid {command} >/var/log/{name}.log 2>&1 & echo $! >/run/{name}.pid")

    def stop(self, name):
        self.run(f"kill $(cat /run/{name}.pid); rm -f /run/{name}.pid")

    def files(self):
        """All paths, but for what a running machine writes by itself."""
        passed_over = "proc|sys|dev|run|tmp|var/tmp|var/log|var/cache|var/lib/dpkg|var/lib/apt|var/lib/systemd"
        said = subprocess.run(["find", ".", "-mindepth", "1", "-print0"], cwd=self.tree, capture_output=True).stdout
        paths = {os.fsdecode(path)[1:] for path in said.split(b"\0") if path}
        beginnings = tuple(f"/{place}/" for place in passed_over.split("|"))
        return {path for path in paths if not f"{path}/".startswith(beginnings)}

    def end(self):
        pass


class Chroot(Machine):
    """No process 1, and so no service: the commands alone."""

    def __init__(self, tree):
        super().__init__(tree)
        subprocess.run(["mount", "-t", "proc", "proc", f"{tree}/proc"], check=True)

    def end(self):
        subprocess.run(["umount", "--lazy", f"{self.tree}/proc"], check=False)


class Booted(Machine):
    """Debian's systemd as process 1, on a network of its own. Raises Failure where it does not come up."""

    has_systemd = True

    def __init__(self, tree):
        super().__init__(tree)
        if not shutil.which("systemd-nspawn"):
            raise Failure("there is no systemd-nspawn")
        # Not registered: that would need systemd on this machine, too.
        options = ["--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--boot"]
        self.log = open(f"{tree}.log", "wb")
        self.process = subprocess.Popen(
            ["systemd-nspawn", *options, f"--directory={tree}"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
        )
        try:
            self.leader = self.found_leader()
            self.run("systemctl is-system-running --wait", expected=None, timeout=60)
            self.run("systemctl show --property=Version")
        except (Failure, subprocess.TimeoutExpired) as problem:
            self.end()
            with open(f"{tree}.log", errors="replace") as file:
                raise Failure(f"it did not boot: {problem} {file.read()[-500:]}".strip()) from None

    def prefix(self):
        return ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]

    def found_leader(self):
        """The machine's process 1, once that answers."""
        patience = time.monotonic() + 30
        while time.monotonic() < patience and self.process.poll() is None:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                children = file.read().split()
            if children and os.path.exists(f"/proc/{children[0]}/root/run/systemd/private"):
                return int(children[0])
            time.sleep(0.2)
        raise Failure("process 1 does not answer")

    def start(self, name, command):
        self.run(f"systemd-run --quiet --unit={name} {command}")

    def stop(self, name):
        self.run(f"systemctl stop {name}")

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
