"""What the packages take from the source: version, time of the last change, and the binary."""

import datetime
import hashlib
import os
import re
import struct
import subprocess
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The release's scratch path. A directory of its own, because other options mean a new build.
scratch = os.path.join(root, ".build-release")
# The release, once it is built, with its commit. What SwiftPM has linked stays as it is, and is not linked anew the next time.
marked = os.path.join(scratch, "outtray")


class Problem(Exception):
    """Nothing can be packaged; the text says why, and what to do."""


def release():
    """The number of the source's release."""
    path = "Sources/outtray/Output/Release.swift"
    found = re.search(r'static let version = "([0-9][0-9A-Za-z.+]*)"', read(path))
    if not found:
        raise Problem(f"{path} names no version")
    return found.group(1)


def version():
    """The version that packages bear. It grows with each commit.

    A release that CHANGELOG.md does not name yet is below itself (0.1.0~git…). With changes since, it is above
    (0.1.0+git…).
    """
    number = release()
    changelog = read("CHANGELOG.md")
    changes = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    has_changes = changes and changes.group(1).strip()
    is_named = re.search(rf"^## \[?{re.escape(number)}\]?(\s|$)", changelog, re.MULTILINE)
    if is_named and not has_changes:
        return number
    committed = datetime.datetime.fromtimestamp(int(git("log", "-1", "--format=%ct")), datetime.timezone.utc)
    change = f"git{committed:%Y%m%d.%H%M%S}.{git('rev-parse', '--short=8', 'HEAD')}"
    return f"{number}{'+' if is_named else '~'}{change}"


def epoch():
    """The time that all files of a package bear, in seconds since 1970: SOURCE_DATE_EPOCH, else the last commit's."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))


def binary(given=None):
    """The path of the binary to be packaged: the given one, else one that is built here. It is of this release."""
    path = os.path.abspath(given) if given else build()
    if not os.path.isfile(path):
        raise Problem(f"there is no {path}")
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
    if said.partition(" (")[0] != f"outtray {release()}":
        raise Problem(f"{path} says that it is {said or 'nothing'}; the source is outtray {release()}")
    return path


def commit():
    """The commit that is built, with -dirty if a file differs from it. Empty where git does not tell."""
    try:
        number = git("rev-parse", "--short=12", "HEAD")
        return number + ("-dirty" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (Problem, OSError):
        return ""


def mark(path, copy, text):
    """Copies the binary, with the commit in the section that Sources/CRelease keeps for it.

    Only what is built here is marked: nobody knows which commit a given binary is of. What two builds of one commit
    differ in becomes zero: the hashes of the compiler's own files, which nothing reads. The linker has made its build
    id of them, so the id is made anew.
    """
    size = 64
    with tempfile.NamedTemporaryFile() as content:
        content.write(text.encode().ljust(size, b"\0"))
        content.flush()
        command = ["objcopy", f"--update-section=.outtray.commit={content.name}", path, copy]
        result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Problem(f"objcopy: {result.stderr.strip()}")
    blank(copy, ".swift_modhash")
    identify(copy)
    # objcopy only warns where there is no such section.
    said = subprocess.run([copy, "--version"], capture_output=True, text=True).stdout.strip()
    if said != f"outtray {release()}" + (f" ({text})" if text else ""):
        raise Problem(f"{copy} was marked with the commit {text or 'that is not known'}, and says {said or 'nothing'}")
    return copy


def blank(path, section):
    """Fills a section of an ELF file with zeros. Its place stays: without the section, objcopy lays out others anew."""
    headers = subprocess.run(["readelf", "--section-headers", "--wide", path], capture_output=True, text=True, check=True)
    found = re.search(rf"\] +{re.escape(section)} +\S+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+)", headers.stdout)
    if not found:
        raise Problem(f"{path} has no section {section}: does Swift make another one?")
    place, size = (int(number, 16) for number in found.groups())
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(bytes(size))


def identify(path):
    """Makes the build id of an ELF file anew: SHA-1 of the file in which the id is zero."""
    size = hashlib.sha1().digest_size
    # Sizes of name and id, NT_GNU_BUILD_ID, name: elf(5), Notes.
    note = struct.pack("<III4s", 4, size, 3, b"GNU")
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        if data.count(note) != 1:
            raise Problem(f"{path} has {data.count(note)} build ids of SHA-1, not one")
        place = data.index(note) + len(note)
        data[place : place + size] = bytes(size)
        file.seek(place)
        file.write(hashlib.sha1(data).digest())


def build(product="outtray"):
    """Builds the release of a product, and returns the path of its binary. Benchmarks measure what packages have.

    No path of this machine is to get into it. The first two options map what debug information and C's __FILE__ say.
    The third has Swift's #file say `Module/File.swift` also in packages of older language modes, where it is the whole
    path. Nothing maps #filePath; no source has it outside of tests. To our own targets, whose language mode has that, the
    third is worth a warning, which must not end the build. The next leaves out of the debug information which of the
    compiler's own files a module came from: two builds differ in that. The last has all functions found at the start, so
    that the table of their addresses can be read-only.
    """
    must_run(os.path.join(root, "packaging", "prepare"))
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product]
    command += ["--scratch-path", scratch]
    command += ["-Xswiftc", "-file-prefix-map", "-Xswiftc", f"{root}=.", "-Xcc", f"-ffile-prefix-map={root}=."]
    command += ["-Xswiftc", "-enable-upcoming-feature", "-Xswiftc", "ConciseMagicFile", "-Xswiftc", "-no-warnings-as-errors"]
    command += ["-Xswiftc", "-Xfrontend", "-Xswiftc", "-no-clang-module-breadcrumbs"]
    command += ["-Xlinker", "-z", "-Xlinker", "now"]
    must_run(*command)
    path = os.path.join(scratch, "release", product)
    with open(path, "rb") as file:
        if os.fsencode(root) + b"/" in file.read():
            print(f"{path} tells where it was built: strings {path} | grep {root}/", file=sys.stderr)
    return mark(path, marked, commit()) if product == "outtray" else path


def must_run(*command):
    """Runs a command that tells a person what it does: its output goes to standard error."""
    code = subprocess.run(command, cwd=root, stdout=sys.stderr).returncode
    if code != 0:
        raise Problem(f"{' '.join(command[:2])} ended with {code}; what it said stands above")


def git(*arguments):
    result = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        said = result.stderr.strip()
        raise Problem(f"git {' '.join(arguments)}: {said}; without git, give --version and SOURCE_DATE_EPOCH")
    return result.stdout.strip()


def read(path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()
