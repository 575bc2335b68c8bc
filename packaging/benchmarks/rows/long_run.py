"""A service that runs for long: its memory as files come and go, and whether much work holds up a new file."""

import os
import shutil
import time

from measure import until
from row import Row, at_most
from rows.start import tree
from rows.small import synced


def departures(run, count, rounds=None):
    """Memory while files go up and are deleted after that. What it is beside the program itself must not grow."""
    contenders = {}
    for name in run.outtrays(folder="/nowhere"):
        inbox = run.place.fresh("inbox")
        each = run.outtrays(folder=inbox, after="delete")[name]
        run.sink.reset()
        told = {}
        with each.service() as (running, _):
            for quarter in range(1, 5):
                arrive(run, inbox, count * (quarter - 1) // 4, count * quarter // 4)
                until(lambda: not os.listdir(inbox), 600, "the deletion of all files")
                running.wait_until_idle()
                told[f"own MiB after {count * quarter // 4:,}"] = own_memory(running)
            told |= {"peak MiB": running.peak(), "CPU ms a file": running.cpu() * 1000 / count}
        run.sink.expect(complete=count)
        contenders[name] = told
    own = [value for figure, value in contenders["outtray"].items() if figure.startswith("own")]
    goals = [at_most("after all ÷ after a quarter, memory", own[-1] / own[0], 1.2, quick=1.5)]
    return {"contenders": contenders, "rounds": 1, "left_out": {}, "goals": goals}


def arrive(run, inbox, first, end):
    """Moves new files in, a few hundred ahead of what leaves."""
    aside = run.place.fresh("aside")
    for number in range(first, end):
        path = os.path.join(aside, f"{number:07d}.pdf")
        with open(path, "wb") as file:
            file.write(b"%%PDF-1.4\n%%%07d" % number + b" " * (2000 + number % 500) + b"\n%%EOF\n")
        os.rename(path, os.path.join(inbox, os.path.basename(path)))
        if number % 100 == 99:
            until(lambda: len(os.listdir(inbox)) <= 300, 600, "the deletion of files")


def waiting_files(run, count, rounds=None):
    """A start with files that wait for an API that does not answer."""
    root = tree(run, "waiting", count)
    contenders = {}
    for name, each in run.outtrays(folder=root, api="http://127.0.0.1:9").items():
        print(f"  {name} queues {count} files first", file=run.log)
        each.sync(uploaded=0, waiting=count)

        def contender(each=each):
            with each.service() as (running, wall):
                running.wait_until_idle()
                return {"ready s": wall, "peak MiB": running.peak(), "CPU s": running.cpu()}

        contenders[name] = contender
    found = run.compare(contenders, rounds)
    shutil.rmtree(root)
    return found.result([at_most("peak, MiB", found.of("outtray", "peak MiB"), 64, quick=72)])


def beside_deletions(run, count, sync_ms, rounds=None):
    """How long a new file takes on a disk with a slow fsync: alone, and behind the deletion of many others."""
    contenders = {}
    for name in run.outtrays(folder="/nowhere"):
        root = tree(run, "deleted", count)
        each = run.outtrays(folder=root)[name]
        synced(run, each, count, count * 64)
        slow = {"LD_PRELOAD": run.place.tool("slow_sync.so"), "SYNC_MS": str(sync_ms)}
        with each.service(env=slow):
            alone = until_up(run, each, root, "alone")
            for directory in os.listdir(root):
                if os.path.isdir(path := os.path.join(root, directory)):
                    shutil.rmtree(path)
            behind = until_up(run, each, root, "behind")
        contenders[name] = {"alone s": alone, "behind s": behind}
    goals = [at_most("behind, s", contenders["outtray"]["behind s"], 2)]
    return {"contenders": contenders, "rounds": 1, "left_out": {}, "goals": goals}


def until_up(run, outtray, root, name):
    """The seconds from the arrival of a file until the journal has it."""
    aside = os.path.join(run.place.fresh("aside"), f"{name}.pdf")
    with open(aside, "wb") as file:
        file.write(b"%PDF-1.4\n%" + name.encode() + b" " * 3000 + b"\n%%EOF\n")
    begin = time.monotonic()
    os.rename(aside, os.path.join(root, f"{name}.pdf"))
    wanted = f"/{name}.pdf".encode()
    with open(os.path.join(outtray.state, "manifest.ndjson"), "rb") as journal:
        journal.seek(0, os.SEEK_END)
        text = b""

        def is_told():
            nonlocal text
            text = text[-4096:] + journal.read()
            return wanted in text

        until(is_told, 120, f"the journal's line of {name}.pdf")
    return time.monotonic() - begin


def own_memory(running):
    """Memory beside the program's file, in MiB."""
    with open(f"/proc/{running.pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("RssAnon:"))


rows = [
    Row("departures", "files that go up and are deleted", departures, {"count": 24_000}, None),
    Row("waiting-files", "a start with files that wait", waiting_files, {"count": 300_000}, None),
    Row(
        "beside-deletions",
        "a new file, on a disk with a slow fsync",
        beside_deletions,
        {"count": 20_000, "sync_ms": 8},
        None,
    ),
]
