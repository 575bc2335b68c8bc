"""Compares the disk with the manifest and the sandbox's books, byte by byte."""

import collections
import hashlib
import os
import stat

from operations import folders

accounts = {"a": "main", "b": "main", "c": "linkedin"}


def disk(root):
    """{path beneath `root`: SHA-256, or None for what must be rejected} of all files that Outtray must take."""
    found = {}
    for folder in folders:
        for directory, directories, names in os.walk(os.path.join(root, folder)):
            directories[:] = [name for name in directories if not name.startswith(".")]
            for name in names:
                path = os.path.join(directory, name)
                if name.startswith(".") or name.endswith(".part") or not stat.S_ISREG(os.lstat(path).st_mode):
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                good = content.startswith(b"%PDF-")
                found[os.path.relpath(path, root)] = hashlib.sha256(content).hexdigest() if good else None
    return found


def findings(root, manifest, books, whole):
    """What is wrong, as a list of (kind, path beneath `root` or None, words).

    Kinds: missed (a file without its entry), ghost (an entry without its file), mixed (bytes that no file ever had),
    doubled (two assets of an account with the same bytes), foreign (an entry whose asset the provider does not have, or of
    the wrong account).
    """
    there = disk(root)
    entries = {os.path.relpath(path, root): entry for path, entry in manifest["entries"].items()}
    rejected = {os.path.relpath(path, root): entry for path, entry in manifest["rejected"].items()}
    assets = {asset["id"]: asset for asset in books["assets"] if asset.get("sha256")}
    wrong = []
    for path, digest in there.items():
        entry = entries.get(path)
        if digest is None:
            if path not in rejected:
                wrong.append(("missed", path, "should be rejected, and is not"))
        elif entry is None:
            wrong.append(("missed", path, f"has no entry; rejected: {rejected.get(path)}"))
        elif entry["sha256"] != digest:
            wrong.append(("missed", path, f"has other bytes than its entry of {entry['uploadedAt']}"))
        elif not entry["present"]:
            wrong.append(("missed", path, "is there, and its entry says that it left"))
        elif path in rejected:
            wrong.append(("missed", path, f"is up, and rejected: {rejected[path]}"))
    for path, entry in entries.items():
        if entry["present"] and path not in there:
            wrong.append(("ghost", path, "its entry says that it is there"))
        if entry["sha256"] not in whole:
            wrong.append(("mixed", path, f"no file ever had the bytes of its entry ({entry['bytes']})"))
        asset = assets.get(entry["mediaId"] or entry["assetUrn"])
        if asset is None or asset["sha256"] != entry["sha256"]:
            wrong.append(("foreign", path, f"the provider has {asset} as its asset"))
        elif there.get(path) and accounts[path.split("/")[0]] != entry["account"]:
            wrong.append(("foreign", path, f"its asset is at {entry['account']}"))
    for path in rejected:
        if path not in there:
            wrong.append(("ghost", path, "is rejected, and not there"))
    copies = collections.Counter((asset["provider"], asset["sha256"]) for asset in assets.values())
    for (provider, digest), count in copies.items():
        if count > 1:
            shown = [path for path, entry in entries.items() if entry["sha256"] == digest]
            wrong.append(("doubled", shown[0] if shown else None, f"{count} assets at {provider} with the same bytes"))
    return wrong
