"""Many small files: how many a second, and what each costs."""

import os
import shutil
import time

from measure import Running, RowFailure
from place import files_in
from row import Row, at_least, at_most, figures


def small_files(run, count, rounds=None):
    folder = run.place.fresh("small")
    run.place.write_documents(folder, run.place.random_sizes(count, 15 << 10, 26 << 10))
    total = sum(map(os.path.getsize, files_in(folder)))
    run.place.settle_disk()
    contenders = {
        name: lambda each=each: synced(run, each, count, total)
        for name, each in run.outtrays(folder=folder, concurrency=8).items()
    }
    peers = run.peers

    def requests():
        return watched(
            run, folder, count, total, "ready", {"presigns": count, "complete": count},
            lambda place: [peers.watcher(), peers.script("watch_requests.py"), place, run.sink.http, count],
        )

    def s5cmd():
        peers.need("inotifywait")
        return watched(
            run, folder, count, total, "Watches established.", {"paths": count},
            lambda place: [peers.script("watch_s5cmd.sh"), peers.s5cmd(), place, run.sink.http, count],
        )

    def rclone():
        peers.need("rclone")
        remote = f':s3,provider=Other,env_auth=true,endpoint="{run.sink.http}",region=us-east-1:sink/inbox'
        flags = ["--config", "/dev/null", "--transfers", "32", "--s3-no-check-bucket", "--s3-no-head"]
        run.sink.reset()
        cost = Running(run.place, ["rclone", "copy", folder, remote, *flags], env=peers.s3).end()
        if cost.status:
            raise RowFailure(f"rclone ended with {cost.status}: {cost.output[-300:]}")
        return figures(cost, count, run.sink.expect(paths=count, bytes=total))

    contenders |= {"watchdog + requests": requests, "inotifywait + s5cmd, PUT only": s5cmd}
    contenders |= {"rclone copy, PUT only": rclone}
    found = run.compare(contenders, rounds)
    rate = "files/s"
    return found.result(
        [
            at_least("files a second", found.of("outtray", rate), 3000, absolute=True),
            at_most("CPU a file, ms", found.of("outtray", "CPU ms a file"), 0.55, absolute=True),
            at_least("× watchdog + requests", found.ratio(rate, "outtray", "watchdog + requests"), 8, quick=1.2),
            at_least(
                "× inotifywait + s5cmd", found.ratio(rate, "outtray", "inotifywait + s5cmd, PUT only"), 2.5, quick=0.4
            ),
        ]
    )


def tiny_files(run, count, rounds=None):
    folder = run.place.fresh("tiny")
    run.place.write_documents(folder, [1024] * count)
    run.place.settle_disk()
    found = run.compare(
        {
            name: lambda each=each: synced(run, each, count, count * 1024)
            for name, each in run.outtrays(folder=folder, concurrency=8).items()
        },
        rounds,
    )
    shutil.rmtree(folder)
    return found.result(
        [
            at_least("files a second", found.of("outtray", "files/s"), 3000, absolute=True),
            at_most("CPU a file, ms", found.of("outtray", "CPU ms a file"), 0.55, absolute=True),
            at_most("peak, MiB", found.of("outtray", "peak MiB"), 64, quick=72),
        ]
    )


def synced(run, outtray, count, total):
    """One pass over files that are new."""
    outtray.forget()
    run.sink.reset()
    cost = outtray.sync(uploaded=count)
    return figures(cost, count, run.sink.expect(presigns=count, puts=count, complete=count, bytes=total))


def watched(run, folder, count, total, ready, proof, command):
    """A watcher, once it is ready: the files are moved into its directory, and it ends when it has sent them all."""
    place = run.place.fresh("watched")
    run.sink.reset()
    running = Running(run.place, command(place), env={**run.peers.s3, "ARRIVES": "renamed"})
    try:
        running.wait_for_output(ready)
        names = sorted(os.listdir(folder))
        begin = time.monotonic()
        for name in names:
            os.rename(os.path.join(folder, name), os.path.join(place, name))
        cost = running.end(patience=600)
        wall = time.monotonic() - begin
    finally:
        running.stop()
        for name in os.listdir(place):
            os.rename(os.path.join(place, name), os.path.join(folder, name))
    if cost.status:
        raise RowFailure(f"it ended with {cost.status}: {cost.output[-300:]}")
    return figures(cost, count, run.sink.expect(bytes=total, **proof), wall=wall)


rows = [
    Row(
        "small-files",
        "files of 15 to 26 KiB, presign and PUT",
        small_files,
        {"count": 5000},
        {"count": 1000, "rounds": 3},
    ),
    Row("tiny-files", "files of 1 KiB", tiny_files, {"count": 50_000, "rounds": 2}, {"count": 1000, "rounds": 1}),
]
