"""The database is away, or full."""

import time

from host import until
from trial import scenario, seconds_since


@scenario(weather=["--latency", "0.02"], rule="{wait: 2s, then: upload}")
def outage(trial):
    """The database is away for a while, and files go up all the same: each surplus asset is listed afterwards."""
    trial.start()
    trial.drop()
    until(60, "some uploads", lambda: len(trial.hosts[0].entries()) > len(trial.contents) // 20)
    trial.look()
    trial.database.stop()
    trial.crashes = 1
    until(300, "all files on every host", lambda: trial.have_all(trial.hosts))
    trial.database.start()
    return trial.finish(120, alone=True), {}


@scenario(rule="{wait: 1s, then: upload}")
def known(trial):
    """The database is away, and a host gets files that others have sent: it adopts what its copy knows."""
    last, others = trial.hosts[-1], trial.hosts[:-1]
    trial.start()
    trial.drop(others)
    until(300, "all files on the others", lambda: trial.have_all(others))
    expected = len(trial.contents) * len(others)
    until(60, "the copy", lambda: len((last.fleet() or {"entries": {}})["entries"]) == expected)
    trial.database.stop()
    trial.crashes = 1
    trial.drop([last])
    until(300, "all files of the last host", lambda: trial.have_all([last]))
    wrong = trial.once()
    trial.database.start()
    return wrong + trial.finish(120), {}


@scenario(rule="wait")
def waits(trial):
    """The database is away with `when_unreachable: wait`: nothing new goes up until it is back."""
    trial.start()
    count = "SELECT count(*) FROM outtray.hosts"
    until(60, "every host", lambda: trial.database.sql(count)[0][0] == str(len(trial.hosts)))
    trial.database.stop()
    trial.crashes = 1
    trial.drop()
    time.sleep(5)
    wrong = []
    if any(host.entries() for host in trial.hosts):
        wrong.append(("doubled", "files went up while nobody could ask the fleet"))
    trial.database.start()
    return wrong + trial.finish(300), {}


def rule_of(seed):
    return "{wait: 5s, then: upload}" if seed % 2 else "wait"


def server_of(seed):
    return {"room": "96m", "with_log": seed % 4 > 1}


@scenario(rule=rule_of, server=server_of)
def full(trial):
    """The server's disk is full for a while: hosts say so, and files wait or go up as the rule says.

    All is whole once there is room again.

    With an odd seed they go up, with an even one they wait. Of each four seeds from 0 on, the last two have the
    write-ahead log on the full disk, too: then the server ends.
    """
    first, second = trial.halves()
    goes_up = trial.seed % 2 == 1
    trial.start()
    trial.drop(names=first)
    count = "SELECT count(*) FROM outtray.contents WHERE receipt IS NOT NULL"
    until(300, "half of it", lambda: trial.database.sql(count)[0][0] == str(len(first)))
    trial.database.fill()
    filled = time.monotonic()
    trial.drop(names=second)
    wrong = []
    # The last host in the order waits this long, and then sends.
    wait = 5 * len(trial.hosts) + 30 if goes_up else 20
    while time.monotonic() < filled + wait and not trial.have_all(trial.hosts):
        time.sleep(0.2)
    took = seconds_since(filled)
    if goes_up and not trial.have_all(trial.hosts):
        wrong.append(("held up", f"not all files were up after {wait} s without room: {trial.entry_counts()}"))
    if not goes_up and trial.have_all(trial.hosts):
        wrong.append(("idle", "the files were up, though the disk was full"))
    sentence = "fleet cannot be asked"
    reasons = [[line for line in host.log(1 << 30).splitlines() if sentence in line] for host in trial.hosts]
    for host, lines in zip(trial.hosts, reasons):
        if not lines:
            wrong.append(("silent", f"{host.name} does not say that the fleet cannot be asked"))
        elif not trial.server["with_log"] and not any("make room on the database server" in line for line in lines):
            wrong.append(("silent", f"{host.name} does not say that the database is full: {lines[-1]}"))
    before = trial.provided()["assets"]
    trial.database.make_room()
    wrong += trial.finish(300, alone=goes_up)
    return wrong, {"assets when there was room again": before, "seconds without room": took}
