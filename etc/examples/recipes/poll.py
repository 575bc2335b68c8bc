#!/usr/bin/python3
"""Posts each asset that the manifest shows as ready, once. For cron. Belongs beside post.py, with its settings.

    */5 * * * *  outtray  set -a; . /etc/outtray/post.env; exec /usr/local/lib/outtray/poll.py

    poll.py                  posts what is new
    poll.py --posted ASSET   an asset whose end is not known has a post
    poll.py --again ASSET    it has none, or was refused: it is posted with the next run

The text of the post is that of photo.jpg.txt beside photo.jpg, else the file's name. At Postbreeze it is a draft.

The first run posts nothing. What is up by then is not new.

Each asset is recorded before its post is asked for, and again when the answer is known. So a crash between the two
leaves an asset whose end is not known. It is not posted a second time, and not forgotten: each run names it until
--posted or --again decides.

Exit codes: 0 all is posted. 65 some were refused. 70 the end of some is not known. 75 some wait for the next run.
"""

import fcntl
import json
import os
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

from post import NoPost, NotKnown, post

journal = Path(os.environ.get("JOURNAL") or "/var/lib/outtray/manifest.ndjson")
# The record. It may not lie in a watched folder.
posted = Path(os.environ.get("POSTED") or "/var/lib/outtray/polled")


class Record:
    """What has become of each asset, one line a change, each on disk before the next step."""

    def __init__(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        self.mark_file = directory / "mark"
        self.file = open(directory / "posted.ndjson", "a+b")
        # Two runs at once would post twice.
        fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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

    def unknown(self):
        return [asset for asset, fields in self.assets.items() if fields["state"] == "asked"]

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
    number = entry.get("mediaId") or entry.get("assetUrn")
    return f"{entry['provider']} {number}" if number else None


def text_for(entry):
    path = entry["path"]
    path = Path(os.fsdecode(unquote_to_bytes(path) if entry.get("pathEncoding") else path.encode()))
    beside = path.with_name(path.name + ".txt")
    try:
        return beside.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return os.fsencode(path.name).decode(errors="replace")
    except (OSError, UnicodeError) as error:
        raise NoPost(65, f"{beside} cannot be read: {error}") from error


def run(record):
    lines = new_lines(record.mark)
    if record.is_new:
        record.note_all([*({name(fields) for _, fields in lines} - {None}), ""], "before")
    code = 0
    # What a path shows now: an asset that was replaced before this run is not posted.
    latest = {fields["path"]: fields for _, fields in lines}
    for entry in sorted(latest.values(), key=lambda fields: fields["revision"]):
        asset = name(entry)
        if asset is None or entry["event"] == "forgotten" or entry["status"] != "ready":
            continue
        if record.state(asset) not in (None, "again"):
            continue
        try:
            text = text_for(entry)
            record.note(asset, "asked", path=entry["path"])
            record.note(asset, "posted", post=post(entry, text))
        except NoPost as error:
            if error.code != 65:
                record.note(asset, "again")
                print(f"poll.py: {entry['path']}: {error}", file=sys.stderr)
                # The mark stays, so the next run comes here again.
                return error.code
            record.note(asset, "refused", reason=str(error))
            print(f"poll.py: {entry['path']}: {error}\n  again: poll.py --again '{asset}'", file=sys.stderr)
            code = 65
        except NotKnown as error:
            print(f"poll.py: {entry['path']}: {error}", file=sys.stderr)
    for asset in [asset for asset, fields in record.assets.items() if fields["state"] == "again"]:
        print(f"poll.py: '{asset}' is not posted: the manifest does not show it as ready any more", file=sys.stderr)
        record.note(asset, "gone")
    if lines:
        record.mark = lines[-1][0]
    return code


def main(words):
    try:
        record = Record(posted)
    except BlockingIOError:
        return 0  # The run before this one goes on.
    if words:
        is_named = len(words) == 2 and record.state(words[1]) in ("asked", "refused")
        if not is_named or words[0] not in ("--posted", "--again"):
            print("poll.py: --posted or --again, and an asset that a run has named", file=sys.stderr)
            return 64
        record.note(words[1], words[0][2:])
        record.mark = b""
        return 0
    code = run(record)
    for asset in record.unknown():
        print(f"poll.py: not known: has '{asset}' a post? --posted or --again", file=sys.stderr)
        code = 70
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
