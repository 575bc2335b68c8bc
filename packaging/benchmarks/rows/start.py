"""From the start until nothing is left to do: many directories, many known files, a long ledger."""

import os
import time

from known import make_known
from measure import Missing, RowFailure, Running
from row import Row, at_most, figures


def directories(run, count, rounds=None):
    """Until all directories are watched and looked through."""
    with open("/proc/sys/fs/inotify/max_user_watches") as file:
        most = int(file.read())
    if most < count * 1.1:
        raise Missing(f"fs.inotify.max_user_watches is {most}; {count} directories need more")
    root = run.place.fresh("directories")
    for number in range(count - 1):
        os.makedirs(os.path.join(root, f"{number // 1000:03d}", f"{number:06d}"), exist_ok=True)
    run.place.settle_disk()

    def outtray(each):
        each.forget()
        with each.service() as (running, wall):
            running.wait_until_idle()
            return {"wall s": wall, "CPU s": running.cpu(), "peak MiB": running.peak()}

    def inotifywait():
        run.peers.need("inotifywait")
        begin = time.monotonic()
        running = Running(run.place, ["inotifywait", "--recursive", "--monitor", root])
        try:
            running.wait_for_output("Watches established.")
            wall = time.monotonic() - begin
            running.wait_until_idle()
            return {"wall s": wall, "CPU s": running.cpu(), "peak MiB": running.peak()}
        finally:
            running.stop()

    contenders = {name: lambda each=each: outtray(each) for name, each in run.outtrays(folder=root).items()}
    found = run.compare({**contenders, "inotifywait -r": inotifywait}, rounds)
    return found.result(
        [
            at_most("ready ÷ inotifywait -r", found.ratio("wall s", "outtray", "inotifywait -r"), 1),
            at_most("peak, MiB", found.of("outtray", "peak MiB"), 48, quick=72),
        ]
    )


def known_files(run, count, rounds=None):
    """A pass that finds nothing new, beside find, which looks at the same files."""
    root = tree(run, "known", count)
    outtrays = told_of(run, root, count)
    contenders = {name: lambda each=each: nothing_new(run, each, count) for name, each in outtrays.items()}

    def find():
        cost = Running(run.place, ["find", root, "-fprintf", "/dev/null", "%p %i %s %T@ %C@\\n"]).end()
        if cost.status:
            raise RowFailure(f"find ended with {cost.status}: {cost.output[-300:]}")
        return figures(cost, count)

    found = run.compare({**contenders, "find -printf": find}, rounds)
    ours, theirs = found.of("outtray", "wall s"), found.of("find -printf", "wall s")
    return found.result(
        [
            at_most("(wall − 0.3 s) ÷ find -printf", theirs and max(0, ours - 0.3) / theirs, 2, absolute=True),
            # The start costs as much CPU as some thousand files. So this finds a square, and no more.
            at_most("CPU ÷ find -printf", found.ratio("CPU s", "outtray", "find -printf"), None, quick=40),
            at_most("peak, MiB", found.of("outtray", "peak MiB"), 100, quick=72),
        ]
    )


def nothing_new(run, outtray, count):
    run.sink.reset()
    cost = outtray.sync(uploaded=0, known=count)
    return figures(cost, count, run.sink.expect(requests=0))


def long_ledger(run, rows, files, rounds=None):
    """A service that starts with a ledger of many rows, of which most are of files that left long ago."""
    root = tree(run, "long", rows)
    outtrays = told_of(run, root, rows)
    for number in range(files, rows):
        os.remove(tree_file(root, number))
    # The pass that records the deletions is no part of the figure.
    for each in outtrays.values():
        each.sync(uploaded=0, known=rows)
    contenders = {name: lambda each=each: start(run, each, rows) for name, each in outtrays.items()}
    found = run.compare(contenders, rounds)
    return found.result([at_most("ready, s", found.of("outtray", "wall s"), 0.5)])


def start(run, outtray, rows):
    run.sink.reset()
    with outtray.service() as (running, wall):
        running.wait_until_idle()
        told = {"wall s": wall, "CPU s": running.cpu(), "peak MiB": running.peak()}
    run.sink.expect(requests=0)
    if outtray.entries() != rows:
        raise RowFailure(f"the manifest has {outtray.entries()} entries instead of {rows}")
    return told


def told_of(run, root, count):
    """Outtrays that know the files beneath `root`, which :func:`tree` has made."""
    sample = tree(run, "sample", 1)
    samples, outtrays = run.outtrays(folder=sample), run.outtrays(folder=root)
    for name, each in outtrays.items():
        print(f"  {name} is told of {count} files first", file=run.log)
        make_known(each, samples[name], [tree_file(root, number) for number in range(count)])
        # What a ledger does once with what it was told is no part of a figure.
        each.sync(uploaded=0, known=count)
    return outtrays


def tree_file(root, number):
    return os.path.join(root, f"{number // 1000:04d}", f"{number:07d}.pdf")


def tree(run, name, count):
    """Files of 64 bytes, a thousand in a directory."""
    root = run.place.fresh(name)
    for number in range(count):
        path = tree_file(root, number)
        if number % 1000 == 0:
            os.makedirs(os.path.dirname(path))
        with open(path, "wb") as file:
            file.write(b"%%PDF-1.4\n%%%07d" % number + b" " * 40 + b"\n%%EOF\n")
    run.place.settle_disk()
    return root


rows = [
    Row("directories", "a start over directories, until ready", directories, {"count": 52_000}, {"count": 20_000}),
    Row("known-files", "a pass over known files", known_files, {"count": 1_000_000}, {"count": 6000}),
    Row(
        "long-ledger",
        "a start with a long ledger and nothing to do",
        long_ledger,
        {"rows": 300_000, "files": 10_000},
        {"rows": 2000, "files": 200},
    ),
]
