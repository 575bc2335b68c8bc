"""The peers: what is installed of them, and why what is missing is missing."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

from measure import Missing
from place import here

# Debian's package of each command.
packages = {
    "inotifywait": "inotify-tools",
    "rclone": "rclone",
    "curl": "curl",
    "openssl": "openssl",
}
headers = {"/usr/include/openssl/ssl.h": "libssl-dev"}
modules = ["watchdog", "requests", "s5cmd"]


class Peers:
    """The peers on this machine. Python packages are in an environment of their own, in `directory`."""

    # Any key will do for the sink.
    s3 = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}

    def __init__(self, directory):
        self.environment = os.path.join(directory, "peers")
        self.trouble = {}  # what could not be installed: why

    def install(self):
        """Installs what is missing, from Debian and PyPI. What cannot be had is told, and left out of the rows."""
        missing = [package for command, package in packages.items() if not shutil.which(command)]
        if not importlib.util.find_spec("ensurepip"):
            missing.append("python3-venv")
        missing += [package for header, package in headers.items() if not os.path.exists(header)]
        if missing:
            sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
            print(f"installing {' '.join(missing)}", file=sys.stderr)
            self._try(missing, [*sudo, "apt-get", "update", "-qq"])
            install = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qq", "--yes"]
            for package in missing:
                self._try([package], [*sudo, *install, "--no-install-recommends", package])
        if not os.path.exists(self.python()):
            self._try(modules, [sys.executable, "-m", "venv", self.environment])
        for module in modules if os.path.exists(self.python()) else []:
            if subprocess.run([self.python(), "-m", "pip", "show", "-q", module], stderr=subprocess.DEVNULL).returncode:
                print(f"installing {module}", file=sys.stderr)
                self._try([module], [self.python(), "-m", "pip", "install", "-q", module])

    def need(self, *commands):
        for command in commands:
            if not shutil.which(command):
                raise Missing(f"{command} is not installed: {self.trouble.get(packages[command], 'not in Debian?')}")

    def python(self):
        return os.path.join(self.environment, "bin", "python")

    def s5cmd(self):
        return self._installed("s5cmd", os.path.join(self.environment, "bin", "s5cmd"))

    def watcher(self):
        """The interpreter that has watchdog and requests."""
        return self._installed("watchdog", self.python())

    def script(self, name):
        return os.path.join(here, "peers", name)

    def versions(self):
        """The version of each peer that is here."""
        asked = {
            "inotify-tools": ["inotifywait", "--help"],
            "rclone": ["rclone", "version"],
            "curl": ["curl", "--version"],
            "openssl": ["openssl", "version"],
            "s5cmd": [os.path.join(self.environment, "bin", "s5cmd"), "version"],
        }
        for module in ("watchdog", "requests"):
            asked[module] = [self.python(), "-c", f"import importlib.metadata as m; print(m.version('{module}'))"]
        found = {}
        for name, command in asked.items():
            try:
                done = subprocess.run(command, capture_output=True, text=True)
            except OSError:
                continue
            if version := re.search(r"\d+(\.\d+)+", done.stdout):
                found[name] = version[0]
        return found

    def _installed(self, module, path):
        if module in self.trouble or not os.path.exists(path):
            raise Missing(f"{module} is not installed: {self.trouble.get(module, 'no such file: ' + path)}")
        return path

    def _try(self, names, command):
        try:
            done = subprocess.run(command, capture_output=True, text=True)
            why = (done.stderr or done.stdout).strip().splitlines()[-1:] if done.returncode else None
        except OSError as error:
            why = [str(error)]
        if why is not None:
            for name in names:
                self.trouble[name] = why[0] if why else "it ended without a word"
