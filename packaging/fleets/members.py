"""Who is in the fleet: all at once, a latecomer, a copy of a disk, a database from yesterday."""

import subprocess
import time

import judge
from host import Failure, until
from trial import scenario, seconds_since


@scenario(followed=True)
def same(trial):
    """The same files on every host, at once: each goes up once."""
    trial.start()
    begun = time.monotonic()
    trial.drop()
    wrong = trial.finish(600)
    took = seconds_since(begun)
    count = len(trial.contents) * len(trial.hosts)
    return wrong + trial.once(), {"seconds": took, "files a second": round(count / took)}


@scenario(rule="wait")
def twins(trial):
    """The copy of a host's state takes over its identity: the older process leaves the fleet's work, and says so."""
    trial.start()
    first = trial.hosts[0]
    until(60, "the first host", lambda: trial.database.sql("SELECT 1 FROM outtray.hosts WHERE name = 'ingest-1'"))
    copy = trial.host("copy", called=first.name)
    subprocess.run(["cp", "-r", f"{first.root}/state", copy.root], check=True)
    copy.start()
    try:
        until(60, "the first host to say it", lambda: "another process works under the identity" in first.log(100_000))
    finally:
        copy.end()
    return [], {}


@scenario()
def restored(trial):
    """The database is put back from an older copy under running hosts: all entries come back, and no id changes.

    With an odd seed it was stopped before; with an even one, the hosts' connections stay.
    """
    trial.start()
    first, second = trial.halves()
    trial.drop(names=first)
    count = "SELECT count(*) FROM outtray.entries WHERE present"
    until(300, "half of it", lambda: trial.database.sql(count)[0][0] == str(len(first) * len(trial.hosts)))
    dump = trial.database.dump()
    trial.drop(names=second)
    wrong = trial.finish(300)
    before = {host.name: {path: entry["mediaId"] for path, entry in host.entries().items()} for host in trial.hosts}
    if trial.seed % 2:
        trial.database.stop("fast")
        trial.database.start()
    trial.database.restore(dump)
    wrong += trial.finish(120)
    for host in trial.hosts:
        if before[host.name] != {path: entry["mediaId"] for path, entry in host.entries().items()}:
            wrong.append(("unequal", f"ids of {host.name} have changed"))
    return wrong, {}


@scenario()
def late(trial):
    """A host joins when all is up: it adopts every content, and has what all hosts show. Then one is taken out."""
    last = trial.hosts.pop()
    trial.start()
    trial.drop()
    wrong = trial.finish(600)
    trial.hosts.append(last)
    last.start()
    trial.drop([last])
    wrong += trial.finish(600) + trial.once()
    gone = trial.hosts.pop(0)
    gone.end()
    asked = trial.hosts[0].command("fleet", "forget", gone.name)
    if asked.returncode:
        raise Failure(f"fleet forget: {asked.stderr}")
    trial.rest()
    wrong += judge.untold(trial.hosts, trial.database)
    if any(key.startswith(f"{gone.name}:") for key in trial.hosts[0].fleet()["entries"]):
        wrong.append(("untold", f"{gone.name} is shown still"))
    return wrong, {}
