"""Debian's package on a machine, from a fresh system to a purge."""

import os
import re
import shutil
import sqlite3
import time

import files
import sandboxes
from machine import Failure
from transcript import Transcript
from trial import Trial, picture, state

hooks = """\
on_uploaded:
  - name: note
    run: [/usr/local/bin/note]
"""
# What a hook may do in the unit as it comes: its exit status is that of the last line.
note = """\
#!/bin/sh
cat >>/var/lib/outtray/hook.ndjson
echo >>/var/lib/outtray/hook.ndjson
if touch /srv/by-hook 2>/dev/null; then exit 3; fi
touch /tmp/by-hook
"""
# What stays after a purge, and why; of what lies in them, too.
stays = {
    "/etc/outtray": "holds the key, a person's",
    "/etc/systemd/system/outtray.service.d": "a person's drop-in",
    "/srv/inbox": "a watched folder",
    "/usr/local/bin/note": "a person's",
    "/var/lib/outtray": "holds what others wrote",
    "/var/lib/private": "systemd's, from the time with a user of its own",
}


def why_it_stays(path):
    return next((why for place, why in stays.items() if f"{path}/".startswith(f"{place}/")), None)


class PackageTrial(Trial):
    """`packages`: the paths of two versions, of which the second is the newer one."""

    def __init__(self, at, packages):
        super().__init__(at)
        self.packages = packages
        self.before = at.files()

    def steps(self):
        steps = [self.install, self.set_up, self.configure, self.upgrade, self.downgrade, self.remove, self.again]
        return steps + ([self.drop_ins, self.sandboxes] if self.machine.has_systemd else []) + [self.purge]

    def install(self):
        """install: nothing is started, nothing enabled"""
        self.transcript = Transcript(self.machine)
        self.bring(self.packages[0])
        self.transcript.run("apt-get install --yes ./outtray.deb", at="/var/tmp")
        # Without what came with the package's dependencies: that stays when the package goes.
        own = set(self.run("dpkg --listfiles outtray").split("\n"))
        self.before |= {path for path in self.machine.files() - own if "outtray" not in path}
        self.run("! pgrep -x outtray 2>/dev/null && ! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q /usr/bin/outtray")
        self.equal(self.run("stat -c '%U:%G %a' /var/lib/outtray").strip(), "outtray:outtray 755", "state directory")
        self.equal(self.run("ls -A /var/lib/outtray"), "", "state")
        if self.machine.has_systemd:
            self.equal(self.run("systemctl is-enabled outtray", None).strip(), "disabled", "unit")
            self.equal(self.run("systemctl is-active outtray", None).strip(), "inactive", "unit")
            self.run("systemctl start outtray", 1)
            self.ends_for_good_with("78")
            self.run("systemctl reset-failed outtray")

    def ends_for_good_with(self, code):
        self.equal(self.shown("ExecMainStatus"), code, "exit status")
        time.sleep(6)
        self.equal(self.shown("ActiveState"), "failed", "unit after RestartSec")

    def set_up(self):
        """from the package to the first id, as docs/install.md has it; the sandbox plays Postbreeze"""
        self.start_sandbox("/usr/bin/outtray", "sandbox")
        self.write("/root/key", b"pb_live_sandbox\n", 0o600)
        self.write("/root/a.png", picture(8))
        start = " --start" if self.machine.has_systemd else ""
        options = "--provider postbreeze --base-url http://127.0.0.1:4100/api/v1 --key-file - --folder /srv/inbox --yes"
        self.transcript.run(f"outtray setup {options}{start} <key")
        self.dropped += 1
        self.transcript.run("cp a.png /srv/inbox/")
        if self.machine.has_systemd:
            self.transcript.run("outtray wait --timeout 30s /srv/inbox/a.png")
        else:
            self.transcript.run("runuser -u outtray -- outtray sync")
        self.id = self.transcript.run("outtray manifest get --field mediaId /srv/inbox/a.png").strip()
        self.said = self.transcript.lines()
        self.run("rm /root/key /root/a.png")
        if not re.fullmatch(r"med_\w+", self.id):
            raise Failure(f"{self.id!r} is no media id")
        self.equal(self.run("stat -c '%U:%G %a' /etc/outtray/main.key").strip(), "root:outtray 640", "key file")
        self.configuration = self.run("cat /etc/outtray/outtray.yaml")

    def configure(self):
        """configure: check finds all in order, a bad configuration changes nothing, a hook is called"""
        said = self.as_user("outtray check")
        if wrong := [line for line in said.splitlines() if line.startswith("no ")]:
            raise Failure(f"outtray check: {wrong}")
        if self.machine.has_systemd:
            self.equal(self.run("systemctl is-enabled outtray").strip(), "enabled", "unit after setup --start")
            self.write("/usr/local/bin/note", note.encode(), 0o755)
            self.write("/etc/outtray/outtray.yaml", b"folders: 7\n")
            self.run("systemctl reload outtray", 1)
            self.equal(self.shown("ActiveState"), "active", "unit after a bad configuration")
            self.configuration += hooks
            self.reload()
            self.equal(self.shown("ActiveState"), "active", "unit after another reload")
            self.drop("noted.png")
            self.hook_was_called("noted.png")

    def reload(self, beginning=""):
        self.write("/etc/outtray/outtray.yaml", (beginning + self.configuration).encode())
        self.run("systemctl reload outtray")

    def hook_was_called(self, name):
        """Once for the file, and with success."""
        self.waits_until("the hook was called", lambda: self.run("cat /var/lib/outtray/hook.ndjson || true").strip())
        time.sleep(1)
        calls = self.run(f"grep -c '\"path\":\"/srv/inbox/{name}\"' /var/lib/outtray/hook.ndjson").strip()
        self.equal(calls, "1", "calls of the hook")
        if failed := self.run("journalctl -u outtray | grep hook", None):
            raise Failure(f"the hook failed: {failed}")

    def upgrade(self):
        """upgrade during an upload: the service is restarted, and goes on; nothing is lost, nothing goes up twice"""
        begin = self.process()
        if begin:
            # Too long for a stop to wait for it.
            self.reload("bandwidth: 100kB/s\n")
            self.drop("large.png", picture(2000, 2000, os.urandom))
            self.waits_until("a file goes up", lambda: '"uploading":1' in self.run("outtray status --json"))
        kept = self.run("cat /etc/outtray/outtray.yaml")
        seconds = self.apt("install --yes", self.packages[1])
        self.equal(self.run("cat /etc/outtray/outtray.yaml"), kept, "configuration")
        self.equal(self.id_of("a.png"), self.id, "id after the upgrade")
        if begin:
            self.equal(self.shown("ActiveState"), "active", "unit")
            if self.process() == begin:
                raise Failure("the service still runs the old program")
            self.run("outtray manifest get --field mediaId /srv/inbox/large.png", 75)
            self.reload()
            self.go_up("large.png")
            self.said = [f"apt-get took {seconds:.1f} s with a restart during an upload of 4 MB"]
        self.drop("b.png")
        self.equal(self.id_of("a.png"), self.id, "id after more uploads")
        self.all_are_up_once()

    def downgrade(self):
        """downgrade: a ledger of a newer version is refused in words, and not changed; the newer version goes on"""
        words = "was written by a newer version of Outtray: install that version or a later one"
        # What a later version would have left there.
        self.in_ledger("INSERT INTO grdb_migrations VALUES ('v9999')")
        self.bring(self.packages[0])
        self.has(self.run("cd /var/tmp && apt-get install --yes ./outtray.deb 2>&1", 100), "downgraded", "apt-get")
        said = self.run("cd /var/tmp && apt-get install --yes --allow-downgrades ./outtray.deb 2>&1")
        if self.machine.has_systemd:
            self.ends_for_good_with("78")
            self.has(said, "the service does not start", "apt-get")
            self.has(said, words, "apt-get")
            self.has(self.run("journalctl --unit outtray --lines 20"), words, "the journal")
            self.said = [line for line in said.splitlines() if "does not start" in line or words in line]
        kept = self.run("cd /var/lib/outtray && sha256sum outtray.db manifest.json")
        self.has(self.as_user("outtray check 2>&1", 78), words, "outtray check")
        self.as_user("outtray sync", 78)
        self.equal(self.run("cd /var/lib/outtray && sha256sum outtray.db manifest.json"), kept, "state")
        self.in_ledger("DELETE FROM grdb_migrations WHERE identifier = 'v9999'")
        self.apt("install --yes", self.packages[1])
        if self.machine.has_systemd:
            self.run("systemctl start outtray")
        self.drop("after.png")
        self.equal(self.id_of("a.png"), self.id, "id")
        self.all_are_up_once()

    def in_ledger(self, statement):
        ledger = sqlite3.connect(f"{self.machine.tree}/var/lib/outtray/outtray.db", timeout=10)
        with ledger:
            ledger.execute(statement)
        ledger.close()

    def remove(self):
        """remove: the service ends; state, configuration and folders stay"""
        before = self.machine.files()
        self.apt("remove --yes")
        self.run("test ! -e /usr/bin/outtray && test -s /var/lib/outtray/outtray.db")
        self.run("test -s /etc/outtray/outtray.yaml && test -s /srv/inbox/a.png")
        if self.machine.has_systemd:
            self.run("! systemctl is-active --quiet outtray")
        gone = before - self.machine.files()
        places = ("/var/lib/outtray/", "/etc/outtray/", "/srv/", "/usr/local/")
        # What is only there while the service runs.
        running = {f"/var/lib/outtray/{name}" for name in ("control.sock", "outtray.db-wal", "outtray.db-shm")}
        if wrong := sorted(path for path in gone - running if path.startswith(places)):
            raise Failure(f"taken away: {wrong}")
        self.said = self.left(self.machine.files())

    def again(self):
        """install again: it goes on where it was, once it is started"""
        self.apt("install --yes", self.packages[1])
        if self.machine.has_systemd:
            self.equal(self.run("systemctl is-active outtray", None).strip(), "inactive", "unit")
            self.run("systemctl start outtray")
        self.drop("c.png")
        self.equal(self.id_of("a.png"), self.id, "id")
        self.all_are_up_once()

    def drop_ins(self):
        """drop-ins: with each of the examples, and without again, the service starts and uploads"""
        self.run("groupadd --system media")
        # No user of systemd's can read the key by the group of the fixed one.
        by_credential = self.configuration.replace("/etc/outtray/main.key", "main.key")
        self.write("/etc/outtray/outtray.yaml", by_credential.encode())
        place = "/etc/systemd/system/outtray.service.d"
        self.write(f"{place}/key.conf", b"[Service]\nLoadCredential=main.key:/etc/outtray/main.key\n")
        for name in [*files.examples, None]:
            if name:
                self.run(f"cp /usr/share/doc/outtray/examples/{name} {place}/")
            self.run("systemctl daemon-reload; systemctl restart outtray")
            self.drop(f"{name or 'without'}.png")
            if name:
                self.run(f"rm {place}/{name}")
        self.equal(self.id_of("a.png"), self.id, "id")
        self.equal(self.run("stat -c '%U %F' /var/lib/outtray").strip(), "outtray directory", "state directory")

    def sandboxes(self):
        """check --unit: what it says of a sandbox is what systemd does"""
        self.said = [f"{sandboxes.compare(self.machine)} places compared"]

    def purge(self):
        """purge: what the package and the service wrote is gone, and nothing else"""
        # A folder that a person has in the state directory, with a file that is called like the service's own.
        self.write("/var/lib/outtray/folder/manifest.json", b"{}")
        # As a kill leaves it while a file comes by the page.
        self.write("/var/lib/outtray/drops/1f0a", b'{"path":"/srv/inbox/x.png","directory":"1"}\n')
        places = ("/srv/inbox/", "/usr/local/bin/", "/etc/systemd/", "/var/lib/outtray/folder/")
        kept = {path for path in self.machine.files() if path.startswith(places)}
        self.apt("purge --yes")
        self.machine.stop("outtray-sandbox")
        there = self.machine.files()
        if strange := sorted(path for path in there - self.before if not why_it_stays(path) or state.fullmatch(path)):
            raise Failure(f"left behind: {strange}")
        gone = {path for path in kept - there if not path.endswith(".wants/outtray.service")}
        if gone := sorted(gone | (self.before - there) | ({"/etc/outtray/main.key"} - there)):
            raise Failure(f"taken away, though not the package's: {gone}")
        self.said = self.left(there, why_it_stays)

    def left(self, there, why=None):
        """What was not there before the package, with the reason if there is one to give."""
        paths = sorted(there - self.before)
        watched = [path for path in paths if path.startswith("/srv/inbox/")]
        told = [f"left: {path}{f': {why(path)}' if why else ''}" for path in paths if path not in watched]
        return [*told, f"left: {len(watched)} files in /srv/inbox"]

    def apt(self, action, package=None):
        """Runs apt-get, and returns how many seconds that took."""
        if package:
            self.bring(package)
        begin = time.monotonic()
        self.run(f"cd /var/tmp && apt-get {action} {'./outtray.deb' if package else 'outtray'}")
        return time.monotonic() - begin

    def bring(self, package):
        shutil.copyfile(package, f"{self.machine.tree}/var/tmp/outtray.deb")
