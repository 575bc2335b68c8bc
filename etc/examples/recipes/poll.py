#!/usr/bin/python3
"""Posts each asset that the manifest shows as ready, once. For cron. Belongs beside post.py, with its settings.

    */5 * * * *  outtray  set -a; . /etc/outtray/post.env; exec /usr/local/lib/outtray/poll.py

    poll.py                  posts what is new
    poll.py --posted ASSET   an asset whose end is not known has a post
    poll.py --again ASSET    it has none, or was refused: it is posted with the next run

The text of the post is that of photo.jpg.txt beside photo.jpg, up to 64 KiB, else the file's name. At Postbreeze it is
a draft. An asset of status `unknown` is posted as well: its provider does not tell when it is ready.

The first run posts nothing. What is up by then is not new.

Each asset is recorded before its post is asked for, and again when the answer is known. So a crash between the two
leaves an asset whose end is not known. It is not posted a second time, and not forgotten: each run names it until
--posted or --again decides.

What will not be posted is told once on standard error: its file was replaced or rejected before it could be, or the
provider could not process it.

Exit codes: 0 all is posted. 65 some were refused. 70 the end of some is not known. 75 some wait for the next run, and
64 until a setting is mended.
"""

import fcntl
import json
import os
import stat
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

from post import NoPost, NotKnown, post

journal = Path(os.environ.get("JOURNAL") or "/var/lib/outtray/manifest.ndjson")
# The record. It may not lie in a watched folder.
posted = Path(os.environ.get("POSTED") or "/var/lib/outtray/polled")
longest_text = 64 << 10

# States of an asset that may be posted. "waits": it is processed. "again": a person or a failure has it tried anew.
# "passed": it was told that it will not be posted; it may come back.
OPEN = (None, "waits", "again", "passed")


class Record:
    """What has become of each asset, one line a change, each on disk before the next step."""

    def __init__(self, directory, waits):
        directory.mkdir(parents=True, exist_ok=True)
        self.mark_file = directory / "mark"
        self.file = open(directory / "posted.ndjson", "a+b")
        # Two runs at once would post twice.
        fcntl.flock(self.file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        self.file.seek(0)
        text = self.file.read()
        if not text.endswith(b"\n"):
            # A crash left the last line unfinished. Nothing was done upon it.
            self.file.truncate(text.rfind(b"\n") + 1)
        self.assets = {}
        for line in text.splitlines(keepends=True):
            if line.endswith(b"\n"):
                fields = json.loads(line)
                self.assets[fields["asset"]] = fields
        # Its line comes behind those of all assets that are not new.
        self.is_new = "" not in self.assets

    def note(self, asset, state, **more):
        self.note_all([asset], state, **more)

    def note_all(self, assets, state, **more):
        lines = [{"asset": asset, "state": state, **more} for asset in assets]
        self.file.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        self.file.flush()
        os.fsync(self.file.fileno())
        self.assets.update((line["asset"], line) for line in lines)

    def state(self, asset):
        return self.assets.get(asset, {}).get("state")

    def path(self, asset):
        return self.assets.get(asset, {}).get("path")

    def having(self, state):
        """The assets that have this state, each with its record."""
        return [(asset, fields) for asset, fields in self.assets.items() if fields["state"] == state]

    @property
    def mark(self):
        """The last line that was dealt with, as it stands in the journal."""
        return self.mark_file.read_bytes() if self.mark_file.exists() else b""

    @mark.setter
    def mark(self, line):
        new = self.mark_file.with_suffix(".new")
        with open(new, "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.mark_file)


def new_lines(mark):
    """The journal's lines after the mark.

    All of them, if the mark's line is not there any more: the journal was replaced, or is of another ledger. The record
    then tells which assets are not new.
    """
    # Behind the last line break is nothing, or a line that is being written.
    lines = journal.read_bytes().split(b"\n")[:-1]
    if mark and mark in lines:
        revision = json.loads(mark)["revision"]
        lines = lines[lines.index(mark) + 1 :]
        return [(line, fields) for line, fields in parsed(lines) if fields["revision"] > revision]
    return list(parsed(lines))


def parsed(lines):
    return ((line, json.loads(line)) for line in lines)


def name(entry):
    """What an asset is known by: its account's provider and id. A path may show another one tomorrow."""
    number = entry.get("mediaId") or entry.get("assetUrn") or entry.get("publicUrl")
    return f"{entry['provider']} {number}" if number else None


def text_for(entry):
    path = entry["path"]
    path = unquote_to_bytes(path) if entry.get("pathEncoding") else path.encode()
    beside = os.fsdecode(path + b".txt")
    try:
        return beside_text(path).decode().strip()
    except FileNotFoundError:
        return os.path.basename(path).decode(errors="replace")
    except BlockingIOError as error:
        raise NoPost(75, f"{beside} is in use: {error}") from error
    except (OSError, ValueError) as error:
        raise NoPost(65, f"{beside} cannot be read: {error}") from error


def beside_text(path):
    """What is in the file beside an asset's.

    No link is followed: whoever may write to the folder may put one to the key there, or a pipe that never ends.
    Against hard links to the key there is the kernel's fs.protected_hardlinks, which systemd sets.
    """
    place, name = os.path.split(path)
    directory = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Where it lies in truth. From here on nobody can put another in its place.
        if os.path.realpath(b"/proc/self/fd/%d" % directory) != place:
            raise ValueError("a link is on the way: name the folder by its path without links")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        file = os.open(name + b".txt", flags, dir_fd=directory)
    finally:
        os.close(directory)
    with open(file, "rb") as text:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError("it is no file")
        found = text.read(longest_text + 1)
    if len(found) > longest_text:
        raise ValueError("it is too long")
    return found


def shown_assets(latest):
    """Each asset that is shown, by its newest path. A path that has left counts where there is no other."""
    shown = {}
    for entry in sorted(latest.values(), key=lambda fields: (fields.get("present", False), fields["revision"])):
        if name(entry) and entry["event"] != "forgotten":
            shown[name(entry)] = entry
    return sorted(shown.items(), key=lambda item: item[1]["revision"])


def run(record):
    lines = new_lines(record.mark)
    if record.is_new:
        record.note_all([*({name(fields) for _, fields in lines} - {None}), ""], "before")
    latest = {fields["path"]: fields for _, fields in lines}
    shown = shown_assets(latest)
    code, held = 0, {}
    for asset, entry in shown:
        state = record.state(asset)
        if state not in OPEN or entry["provider"] in held:
            continue
        if entry["status"] == "processing":
            if (state, record.path(asset)) != ("waits", entry["path"]):
                record.note(asset, "waits", path=entry["path"])
            continue
        if entry["status"] == "failed":
            if state != "passed":
                pass_over(record, asset, f"{entry['path']}: the provider could not process it")
            continue
        try:
            text = text_for(entry)
            record.note(asset, "asked", path=entry["path"])
            record.note(asset, "posted", post=post(entry, text))
        except NoPost as error:
            if error.code != 65:
                record.note(asset, "again", path=entry["path"])
                print(f"poll.py: {entry['path']}: {error}", file=sys.stderr)
                # The provider's others wait as well. The mark stays, so the next run comes here again.
                held[entry["provider"]] = error.code
                continue
            record.note(asset, "refused", path=entry["path"], reason=str(error))
            print(f"poll.py: {entry['path']}: {error}\n  again: poll.py --again '{asset}'", file=sys.stderr)
            code = 65
        except NotKnown as error:
            print(f"poll.py: {entry['path']}: {error}", file=sys.stderr)
    tell_lost(record, lines, latest, dict(shown))
    if lines and not held:
        record.mark = lines[-1][0]
    return max(held.values(), default=code)


def tell_lost(record, lines, latest, shown):
    """Tells of each asset that was to be posted, and that no path shows any more."""
    known = {name(fields): fields["path"] for _, fields in lines if name(fields) and record.state(name(fields)) is None}
    # Those of earlier runs, where the journal tells of their paths.
    waiting = {asset: fields["path"] for asset, fields in record.having("waits") if fields["path"] in latest}
    again = {asset: fields["path"] for asset, fields in record.having("again")}
    for asset, path in {**known, **waiting, **again}.items():
        if asset not in shown:
            pass_over(record, asset, f"{path}: its file was replaced or rejected, or its entry forgotten")


def pass_over(record, asset, reason):
    record.note(asset, "passed")
    print(f"poll.py: '{asset}' is not posted: {reason}", file=sys.stderr)


def main(words):
    try:
        # A decision waits for the end of a run that goes on.
        record = Record(posted, waits=bool(words))
    except BlockingIOError:
        return 0  # The run before this one goes on.
    if words:
        is_named = len(words) == 2 and record.state(words[1]) in ("asked", "refused")
        if not is_named or words[0] not in ("--posted", "--again"):
            print("poll.py: --posted or --again, and an asset that a run has named", file=sys.stderr)
            return 64
        record.note(words[1], words[0][2:], path=record.path(words[1]))
        record.mark = b""
        return 0
    code = run(record)
    for asset, _ in record.having("asked"):
        print(f"poll.py: not known: has '{asset}' a post? --posted or --again", file=sys.stderr)
        code = 70
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
