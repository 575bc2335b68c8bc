"""From the closing of a file to the first byte of its PUT, without the settle time."""

import os
import time

from measure import Running, median, percentile, until
from row import Row, at_most

settle = 50  # ms; a peer has none
shell = "inotifywait + curl, PUT only"


def latency(run, count, rounds=None):
    contenders = {}
    for name in run.outtrays(folder="/nowhere"):

        def outtray(name=name):
            folder = run.place.fresh("arrivals")
            each = run.outtrays(folder=folder, settle=f"{settle}ms")[name]
            with each.service():
                return delays(run, folder, count, settle)

        contenders[name] = outtray
    contenders["watchdog + requests"] = lambda: watcher(
        run, count, "ready",
        lambda folder: [run.peers.watcher(), run.peers.script("watch_requests.py"), folder, run.sink.http, count + 2],
    )

    def curl():
        run.peers.need("inotifywait", "curl")
        return watcher(
            run, count, "Watches established.",
            lambda folder: [run.peers.script("watch_curl.sh"), folder, run.sink.http],
        )

    contenders[shell] = curl
    found = run.compare(contenders, rounds)
    return found.result(
        [
            at_most("median, ms", found.of("outtray", "median ms"), 2.5, absolute=True),
            at_most("95 %, ms", found.of("outtray", "95 % ms"), 6, absolute=True),
            at_most(f"median ÷ {shell}", found.ratio("median ms", "outtray", shell), 1),
        ]
    )


def watcher(run, count, ready, command):
    folder = run.place.fresh("arrivals")
    running = Running(run.place, command(folder))
    try:
        running.wait_for_output(ready)
        return delays(run, folder, count, 0)
    finally:
        running.stop()


def delays(run, folder, count, settle):
    """Writes one file after the other and reads in the sink's books when its PUT began. The first two warm up."""
    run.sink.reset()
    closed = {}
    for number in range(count + 2):
        name = f"{number}.pdf"
        file = open(os.path.join(folder, name), "wb")
        file.write(b"%%PDF-1.4\n%%%d\n" % number + os.urandom(20_000 + number).replace(b"\n", b" ") + b"\n%%EOF\n")
        file.flush()
        closed[name] = time.time_ns()
        file.close()
        until(lambda: run.sink.stats()["puts"] > number, 30, f"the PUT of {name}")
        time.sleep(0.02)
    run.sink.expect(puts=count + 2)
    begun = {os.path.basename(name): first for name, first, _, _ in run.sink.puts()}
    all_of_them = [(begun[name] - at) / 1e6 - settle for name, at in closed.items()][2:]
    return {"median ms": median(all_of_them), "95 % ms": percentile(all_of_them, 0.95)}


rows = [
    Row(
        "latency",
        "closed → first byte of the PUT, settle taken off",
        latency,
        {"count": 200},
        {"count": 20, "rounds": 3},
    )
]
