"""Hosts behind links that are cut, slow and lossy. The database is reached by TLS and a password there."""

import time

from database import PORT
from deaths import kill_at_random
from host import Failure, until
from trial import scenario

# How long a host may take to see that nobody answers: `statement_timeout` and a grace.
DETECTION = 15


def cut_off(trial, **weather):
    """Cuts the first host off in the middle of the work. Half of the files come before, the other half after.

    Returns when that was, and how many bytes the host had sent to the storage once all was there that was on its way.
    """
    first, second = trial.halves()
    trial.start()
    trial.drop(names=first)
    until(60, "some uploads", lambda: len(trial.hosts[0].entries()) > len(first) // 10)
    trial.look()
    trial.links[0].set(cut=True, **weather)
    begun = time.monotonic()
    trial.drop(names=second)
    # What had its ticket goes on.
    time.sleep(3)
    return begun, sent(trial)


def sent(trial):
    """How many bytes the first host has sent to the storage."""
    return trial.links[0].told()["sent"].get(str(trial.sandbox.storage_port), 0)


def stay_cut(trial, end):
    """Ends the cut when its time has come. Returns how many entries the host has, and how many packets were dropped."""
    time.sleep(max(0, end - time.monotonic()))
    told = trial.links[0].set()
    if not told.get("cut"):
        raise Failure("the cut has met no packet")
    return len(trial.hosts[0].entries()), told["cut"]


@scenario(links=True, followed=True, weather=["--latency", "0.05"], rule="{wait: 5s, then: upload}")
def cut(trial):
    """A host is cut off from the database for a while (`--cut`): its files go up, surplus assets are listed later."""
    begun, before = cut_off(trial, port=PORT)
    files, end = len(trial.hosts[0].entries()), begun + trial.options.cut
    first = None
    while time.monotonic() < end and first is None:
        time.sleep(0.2)
        if sent(trial) > before:
            first = time.monotonic() - begun
    entries, packets = stay_cut(trial, end)
    wrong = [] if first else [("held up", f"nothing went up within {trial.options.cut} s")]
    # The longest wait is that of the last host in the order.
    if trial.options.cut >= DETECTION + 5 * len(trial.hosts) + 20 and entries < len(trial.contents):
        wrong.append(("held up", f"{entries} of {len(trial.contents)} files were up at the end of the cut"))
    wrong += trial.finish(120, alone=True)
    return wrong, {
        "files at the cut": files, "files at its end": entries, "seconds to the next one": round(first or 0, 1),
        "packets cut": packets,
    }


@scenario(links=True, followed=True, weather=["--latency", "0.05"], rule="wait")
def patient(trial):
    """As cut, with `wait`: nothing more goes up on that host until it is back, and no content goes up twice."""
    begun, before = cut_off(trial, port=PORT)
    end = begun + trial.options.cut
    time.sleep(max(0, end - time.monotonic()))
    more = sent(trial) - before
    entries, packets = stay_cut(trial, end)
    wrong = [("hasty", f"the host sent {more} bytes to the storage while it was cut off")] if more else []
    wrong += trial.finish(300)
    return wrong, {"files at the end of the cut": entries, "packets cut": packets}


@scenario(links=True, followed=True, weather=["--latency", "0.05"], rule="{wait: 5s, then: upload}")
def island(trial):
    """As cut, from the provider as well: all comes up afterwards."""
    begun, _ = cut_off(trial)
    entries, packets = stay_cut(trial, begun + trial.options.cut)
    return trial.finish(300, alone=True), {"files at the end of the cut": entries, "packets cut": packets}


@scenario(links=True, followed=True, weather=["--latency", "0.02"], lease="15s", rule="wait")
def lossy(trial):
    """The way to the database takes 100 ms in each direction and loses 5 % of the packets; hosts and database crash."""
    for way in trial.links:
        way.set(delay=0.1, loss=0.05, port=PORT)
    trial.start()
    trial.drop()
    kill_at_random(trial, trial.options.kills, crashes=min(5, trial.options.kills), pause=(0.5, 4))
    wrong = trial.finish(600)
    told = [way.told() for way in trial.links]
    lost, late = (sum(one.get(fate, 0) for one in told) for fate in ("lost", "late"))
    if not lost:
        raise Failure("no packet was lost")
    return wrong, {"packets": lost + late, "packets lost": lost}
