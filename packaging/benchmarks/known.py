"""A ledger that knows many files without having uploaded each: a million uploads would take an hour.

One file goes up. Its entry in the manifest is the pattern for the others' entries. `outtray check --repair` makes a ledger
from that manifest. A manifest does not tell the versions of files, so they are written into the ledger here. The next pass
proves it all: it must find nothing to do.
"""

import hashlib
import json
import os
import sqlite3

from measure import RowFailure, Running


def make_known(outtray, sample, paths):
    """Makes `outtray` know these files of its folder. Each must have bytes of its own.

    `sample` is the same binary with another folder, which has one file.
    """
    sample.forget()
    sample.sync(uploaded=1)
    with open(os.path.join(sample.state, "manifest.json"), "rb") as file:
        pattern = json.load(file)
    outtray.forget()
    os.mkdir(outtray.state, 0o700)
    write_manifest(os.path.join(outtray.state, "manifest.json"), pattern, paths)
    cost = Running(outtray.place, outtray.command("check", "--repair")).end()
    if cost.status:
        raise RowFailure(f"outtray check --repair ended with {cost.status}: {cost.output[-500:]}")
    tell_versions(os.path.join(outtray.state, "outtray.db"), paths)


def write_manifest(manifest, pattern, paths):
    """A line an entry, as docs/manifest.md says, in the order of the paths' bytes."""
    [entry] = pattern["entries"].values()
    with open(manifest, "w") as file:
        head = {"schema": pattern["schema"], "revision": len(paths), "generatedAt": pattern["generatedAt"]}
        file.write(json.dumps(head)[:-1] + ',"entries":{\n')
        for number, path in enumerate(sorted(paths), 1):
            with open(path, "rb") as media:
                content = media.read()
            more = {
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "mediaId": f"med_known{number:07d}",
                "publicUrl": f"{entry['publicUrl']}{number:07d}",
                "revision": number,
            }
            comma = "," if number < len(paths) else ""
            file.write(f"{json.dumps(path)}:{json.dumps(entry | more)}{comma}\n")
        file.write('},"rejected":{}}\n')


def tell_versions(ledger, paths):
    """Writes each file's version into the ledger: device, inode, size, and both times in nanoseconds."""
    with sqlite3.connect(ledger) as database:
        for path in paths:
            file = os.stat(path)
            version = (file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns)
            changed = database.execute(
                "UPDATE files SET device = ?, inode = ?, size = ?, modified = ?, changed = ? WHERE path = ?",
                (*version, os.fsencode(path)),
            ).rowcount
            if changed != 1:
                raise RowFailure(f"the ledger made by the repair has {changed} files at {path}")
    database.close()
