"""The tar file on a machine: its install.sh installs, upgrades and removes."""

import os
import subprocess

import files
from machine import Failure
from trial import Trial, state

configuration = """\
state_dir: /var/lib/outtray
accounts:
  main:
    provider: postbreeze
    base_url: http://127.0.0.1:4100/api/v1
    api_key_file: /etc/outtray/main.key
folders:
  inbox:
    path: /srv/inbox
    account: main
"""


class ArchiveTrial(Trial):
    """Comes after the Debian package's, whose key and folder have stayed."""

    def __init__(self, at, tar):
        super().__init__(at)
        self.tar = tar

    def steps(self):
        return [self.by_tar]

    def by_tar(self):
        """tar file: install.sh installs, upgrades and removes; what it put there is gone"""
        before = self.machine.files()
        subprocess.run(["tar", "--extract", "--directory", f"{self.machine.tree}/root", "--file", self.tar], check=True)
        install = f"/root/{os.path.basename(self.tar).removesuffix('.tar.gz')}/install.sh"
        self.run(install)
        expected = {path.replace("/usr/", "/usr/local/", 1) for path in files.paths_of("tar")}
        if lacking := sorted(expected - self.machine.files()):
            raise Failure(f"not installed: {lacking}")
        self.write("/etc/outtray/outtray.yaml", configuration.encode())
        self.start_sandbox("/usr/local/bin/outtray", "sandbox-by-tar")
        if self.machine.has_systemd:
            self.run("rm -r /etc/systemd/system/outtray.service.d; systemctl daemon-reload")
            self.run("systemctl enable --now outtray && outtray wait --timeout 30s /srv/inbox/a.png")
            begin = self.process()
            self.run(install)
            if self.process() == begin or self.shown("ActiveState") != "active":
                raise Failure("an upgrade by install.sh does not restart the service")
        else:
            self.as_user("/usr/local/bin/outtray sync")
            self.run(install)
        self.id_of("a.png")
        self.equal(self.run("cat /etc/outtray/outtray.yaml"), configuration, "configuration")
        self.run(f"{install} --uninstall")
        self.machine.stop("outtray-sandbox-by-tar")
        self.run("rm -r /root/outtray-*; test -s /var/lib/outtray/outtray.db")
        # Directories may stay, such as /usr/local/lib/systemd: others use them, too.
        left = {path for path in self.machine.files() - before if not self.is_directory(path)}
        if strange := sorted(path for path in left - {"/etc/outtray/outtray.yaml"} if not state.fullmatch(path)):
            raise Failure(f"left behind: {strange}")
