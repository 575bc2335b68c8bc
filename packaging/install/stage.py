"""Lays a package's files out in a directory, as they will be on the machine.

The same source and binary give the same bytes.
"""

import datetime
import gzip
import os
import re
import subprocess
from email.utils import format_datetime

import files
import manual
from source import Problem, root

# Debian's files need an address, and the project has none that is known here. `.invalid` says so: RFC 2606 keeps it
# from ever being a domain. Who publishes packages names themselves, by DEBFULLNAME and DEBEMAIL.
maintainer = "The Outtray authors <authors@outtray.invalid>"


def who():
    """Whom Debian's files name as the maintainer: DEBFULLNAME and DEBEMAIL, as with Debian's own tools."""
    name, address = os.environ.get("DEBFULLNAME"), os.environ.get("DEBEMAIL")
    return f"{name} <{address}>" if name and address else maintainer


class Stage:
    def __init__(self, directory, package, binary, version, epoch, symbols=None):
        self.directory, self.package, self.binary = directory, package, binary
        self.version, self.epoch, self.symbols = version, epoch, symbols

    def lay_out(self):
        for file in files.files_of(self.package):
            path = self.path(file.target)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self.put(file.source, path)
            os.chmod(path, file.mode)
        for link in files.links_of(self.package):
            path = self.path(link.target)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(link.leads_to, path)
        settle(self.directory, self.epoch)

    def path(self, target):
        return self.directory + target

    def put(self, source, path):
        if source == files.binary:
            strip(self.binary, path, self.symbols)
            return
        if source in files.completion.values():
            data = completion(self.binary, source.rpartition("-")[2])
        elif source in files.command_page.values():
            data = manual.command_page(self.binary, source.removeprefix("made:page-"), self.epoch)
        elif source == files.configuration_page:
            data = manual.configuration_page(self.epoch)
        elif source == files.debian_changelog:
            data = debian_changelog(self.version, self.epoch)
        else:
            with open(os.path.join(root, source), "rb") as file:
                data = file.read()
        with open(path, "wb") as file:
            file.write(gzip.compress(data, 9, mtime=0) if path.endswith(".gz") else data)


def settle(directory, epoch):
    """Gives all directories one mode, and everything one time."""
    for place, _, names in os.walk(directory, topdown=False):
        for name in names:
            os.utime(os.path.join(place, name), (epoch, epoch), follow_symlinks=False)
        os.chmod(place, 0o755)
        for name in os.listdir(place):
            os.utime(os.path.join(place, name), (epoch, epoch), follow_symlinks=False)
    os.utime(directory, (epoch, epoch))


def strip(binary, path, symbols=None):
    """Copies the binary without symbols and debug information, and what only says which compiler made it.

    With a file of its symbols (see symbols_of), names that file and its checksum, for debuggers.
    """
    unneeded = ["--remove-section=.comment", "--remove-section=.note.gnu.gold-version"]
    run("strip", "--strip-all", *unneeded, "-o", path, binary)
    if symbols:
        run("objcopy", f"--add-gnu-debuglink={symbols}", path)


def symbols_of(binary, directory):
    """Writes the file of the binary's symbols into the directory. Returns its path: .build-id/ab/cdef….debug."""
    id = build_id(binary)
    path = os.path.join(directory, ".build-id", id[:2], f"{id[2:]}.debug")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    run("objcopy", "--only-keep-debug", "--compress-debug-sections", binary, path)
    os.chmod(path, 0o644)
    return path


def build_id(binary):
    if found := re.search(r"Build ID: ([0-9a-f]{8,})", run("readelf", "--notes", "--wide", binary)):
        return found.group(1)
    raise Problem(f"{binary} has no build id; without it, no debugger finds its symbols")


def completion(binary, shell):
    text = subprocess.run([binary, "--generate-completion-script", shell], capture_output=True, check=True).stdout
    if not text.strip():
        raise Problem(f"{binary} has no completions for {shell}")
    # A shell reads it, nobody runs it.
    return text.removeprefix(b"#!/bin/bash\n").lstrip()


def debian_changelog(version, epoch):
    """One entry. What has changed is in the program's own changelog."""
    date = format_datetime(datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc))
    return (
        f"outtray ({version}) unstable; urgency=medium\n\n"
        f"  * See changelog.gz for what has changed.\n\n -- {who()}  {date}\n"
    ).encode()


def run(*command, **options):
    """Runs a command that must succeed, and returns what it says."""
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise Problem(f"{command[0]}: {result.stderr.strip()}")
    return result.stdout
