"""Compares what the hosts' manifests say with the provider's books and with the fleet's database."""

import collections
import hashlib


def counted(books):
    """What the provider saw: assets with bytes by digest, and the number of PUTs that it took."""
    by_digest = collections.defaultdict(list)
    for asset in books["assets"]:
        if asset.get("sha256"):
            by_digest[asset["sha256"]].append(asset["id"])
    return by_digest, sum(put.get("status") == 200 for put in books["puts"])


def findings(contents, hosts, books, database, alone=False):
    """What is wrong, as a list of (kind, words). `contents`: the bytes of each file name that every host has.

    Kinds: lost (a file without its entry), mixed (an entry with other bytes), unequal (two hosts show different assets of
    one content), doubled (a content with two assets), unlisted (a surplus asset that is no duplicate in the database),
    unpublished (the fleet lacks an entry), untold (a host's files of all hosts differ from the fleet).

    `alone`: the hosts were cut off for a while. Then a content may have several assets, and each must be listed.
    """
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    by_digest, _ = counted(books)
    wrong, shown = [], collections.defaultdict(set)
    for host in hosts:
        entries = {path.rsplit("/", 1)[1]: entry for path, entry in host.entries().items()}
        for name, digest in digests.items():
            entry = entries.get(name)
            if entry is None:
                wrong.append(("lost", f"{host.name} has no entry of {name}"))
            elif entry["sha256"] != digest:
                wrong.append(("mixed", f"{host.name} has other bytes in its entry of {name}"))
            else:
                shown[digest].add(entry["mediaId"])
                if entry["mediaId"] not in by_digest[digest]:
                    wrong.append(("mixed", f"{host.name} shows an asset of {name} that has not its bytes"))
    for digest, ids in shown.items():
        if len(ids) > 1 and not alone:
            wrong.append(("unequal", f"{digest[:12]} is shown as {sorted(ids)}"))
    receipts = {row[0]: row[1] for row in database.sql(
        "SELECT encode(sha256, 'hex'), receipt ->> 'mediaId' FROM outtray.contents WHERE receipt IS NOT NULL")}
    listed = collections.defaultdict(set)
    for digest, media in database.sql("SELECT encode(sha256, 'hex'), receipt ->> 'mediaId' FROM outtray.duplicates"):
        listed[digest].add(media)
    for digest, ids in by_digest.items():
        if len(ids) > 1 and not alone:
            wrong.append(("doubled", f"{digest[:12]} has {len(ids)} assets"))
        for media in ids:
            if media != receipts.get(digest) and media not in listed[digest]:
                wrong.append(("unlisted", f"{media} of {digest[:12]} is neither the receipt nor a duplicate"))
    told = {(row[0], row[1]) for row in database.sql(
        "SELECT h.name, e.content ->> 'mediaId' FROM outtray.entries e JOIN outtray.hosts h USING (host) WHERE e.present")}
    for host in hosts:
        for path, entry in host.entries().items():
            if entry["present"] and (host.name, entry["mediaId"]) not in told:
                wrong.append(("unpublished", f"the fleet lacks {host.name}:{path}"))
    return wrong + untold(hosts, database)


def untold(hosts, database):
    """What is wrong with the files of all hosts at rest: each host has the same ones, and they are the fleet's."""
    wrong = []
    rows = database.sql(
        "SELECT h.name || ':' || convert_from(e.path, 'UTF8'), e.content ->> 'mediaId', e.revision, e.present"
        " FROM outtray.entries e JOIN outtray.hosts h USING (host) WHERE e.sha256 IS NOT NULL"
    )
    expected = {key: (media, int(revision), present == "t") for key, media, revision, present in rows}
    for host in hosts:
        manifest = host.fleet()
        if manifest is None:
            wrong.append(("untold", f"{host.name} has no fleet.json"))
            continue
        revision = int(database.sql("SELECT revision FROM outtray.fleet")[0][0])
        if manifest["revision"] != revision:
            wrong.append(("untold", f"fleet.json of {host.name} has revision {manifest['revision']}, the fleet {revision}"))
        shown = {key: (entry["mediaId"], entry["revision"], entry["present"]) for key, entry in manifest["entries"].items()}
        if shown != expected:
            odd = sorted(key for key in shown.keys() | expected.keys() if shown.get(key) != expected.get(key))
            wrong.append(("untold", f"fleet.json of {host.name} differs in {len(odd)} of {len(expected)}, as in {odd[0]}"))
        for key, entry in manifest["entries"].items():
            if key != f"{entry['host']}:{entry['path']}":
                wrong.append(("untold", f"fleet.json of {host.name} has {key} for {entry['host']} and {entry['path']}"))
        lines = host.fleet_journal()
        revisions = [line["revision"] for line in lines]
        if any(after < before for before, after in zip(revisions, revisions[1:])):
            wrong.append(("untold", f"the revisions of fleet.ndjson of {host.name} do not rise"))
        paths = {}
        for line in lines:
            if line.get("from"):
                paths.pop((line["host"], line["from"]), None)
            paths[line["host"], line["path"]] = line
        replayed = {
            f"{name}:{path}": (line["mediaId"], line["revision"], line["present"])
            for (name, path), line in paths.items()
            if "mediaId" in line and line["event"] != "forgotten"
        }
        if replayed != expected:
            wrong.append(("untold", f"fleet.ndjson of {host.name} leads to {len(replayed)} entries, not {len(expected)}"))
    return wrong


def changes(database):
    """All changes of the fleet in their order, as (revision, host, event, path)."""
    rows = database.sql(
        "SELECT c.revision, h.name, c.event, convert_from(c.path, 'UTF8')"
        " FROM outtray.changes c JOIN outtray.hosts h USING (host) ORDER BY c.revision"
    )
    return [(int(revision), host, event, path) for revision, host, event, path in rows]


def missed(follower, changes):
    """What is wrong with the lines that a follower has printed. They are all changes of the fleet, each once, in order.
    """
    name = follower.host.name
    if not follower.runs:
        return [("missed", f"the follower of {name} has ended")]
    seen = []
    for line in follower.lines:
        if line["event"] == "reset":
            return [("missed", f"the follower of {name} was told to begin anew, at {line['revision']}")]
        seen.append((line["revision"], line["host"], line["event"], line["path"]))
    if seen == changes:
        return []
    place = next((n for n, pair in enumerate(zip(seen, changes)) if pair[0] != pair[1]), min(len(seen), len(changes)))
    odd = [lines[place] if place < len(lines) else "nothing" for lines in (seen, changes)]
    count = f"{len(seen)} of {len(changes)} changes"
    return [("missed", f"the follower of {name} printed {count}, and {odd[0]} where {odd[1]} was")]
