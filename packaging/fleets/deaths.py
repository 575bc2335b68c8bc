"""Hosts and servers that die, or stand still for a while."""

import os
import time

from host import Failure, until
from trial import NotRun, scenario

# Where a host stands still in its upload: Outtray's crash points, and how often it comes there before it stays.
POINTS = {
    # It has a ticket that nobody else knows of.
    "asked": 1,
    # The ticket is in its ledger, and not in the claim.
    "ticket-recorded": 1,
    # In the middle of the PUT.
    "piece-begun": 4,
    # Before the last bytes of the PUT.
    "bytes-recorded": 1,
    # The storage has answered, and nothing of it is recorded.
    "piece-answered": 1,
    "all-sent": 1,
    "finished": 1,
    # The ledger has the asset, and the fleet does not.
    "upload-recorded": 1,
}


def kill_at_random(trial, kills, crashes=0, pause=(0.02, 0.3), away=(0, 0.05, 0.3, 2)):
    """Kills hosts, and starts each again after one of the times `away`. Crashes the database as often, if asked for."""
    down, end = {}, time.monotonic() + 600
    while not (trial.kills >= kills and trial.crashes >= crashes and not down):
        time.sleep(trial.random.uniform(*pause))
        now = time.monotonic()
        if now > end:
            raise Failure("the kills took too long")
        alive = [host for host in trial.hosts if host not in down]
        if trial.kills < kills and alive:
            host = trial.random.choice(alive)
            host.kill()
            trial.kills += 1
            down[host] = now + trial.random.choice(away)
            if trial.kills % 10 == 1:
                trial.look()
        for host in [host for host, at in down.items() if at <= now]:
            del down[host]
            host.start()
        if trial.crashes < crashes and trial.random.random() < crashes / max(kills, 1):
            trial.database.stop()
            time.sleep(trial.random.uniform(0.2, 1.5))
            trial.database.start()
            trial.crashes += 1


@scenario(weather=["--latency", "0.02"], lease="15s", rule="wait", followed=True)
def kills(trial):
    """Hosts are killed at random and start again."""
    trial.start()
    trial.drop()
    kill_at_random(trial, trial.options.kills)
    return trial.finish(600), {}


@scenario(weather=["--latency", "0.02"], lease="15s", rule="wait", followed=True)
def crashes(trial):
    """As kills, with ten crashes of the database between them."""
    trial.start()
    trial.drop()
    kill_at_random(trial, trial.options.kills, crashes=10)
    return trial.finish(600), {}


@scenario(weather=["--latency", "0.02"], lease="15s", rule="wait")
def versions(trial):
    """Every second host is another build (`--other`), and hosts are killed as in kills."""
    if not trial.options.other:
        raise NotRun("--other FILE names the other build")
    for host in trial.hosts[1::2]:
        host.outtray = os.path.abspath(trial.options.other)
    trial.start()
    trial.drop()
    kill_at_random(trial, trial.options.kills)
    return trial.finish(600), {}


@scenario(weather=["--latency", "0.05"], lease="15s", rule="wait")
def silent(trial):
    """A host stands still in the middle of its uploads for longer than the lease, then goes on: one asset each."""
    trial.start()
    trial.drop()
    until(60, "some uploads", lambda: len(trial.hosts[0].entries()) > len(trial.contents) // 20)
    trial.hosts[0].freeze()
    others = trial.hosts[1:]
    until(120, "the others to have all", lambda: trial.have_all(others))
    trial.hosts[0].thaw()
    return trial.finish(120), {}


@scenario(hosts=len(POINTS) + 2, weather=["--latency", "0.02"], lease="15s", rule="wait")
def points(trial):
    """Hosts stand still for twice the lease, each at another point of an upload, and then go on: one asset each."""
    resting = dict(zip(trial.hosts, POINTS.items()))
    # Longer than what is read with the opening of a file, and than a chunk of its body.
    large = {host: f"large-{point}.pdf" for host, (point, _) in resting.items()}
    for name in large.values():
        trial.contents[name] = b"%PDF-1.7\n" + trial.random.randbytes(3 << 20) + b"\n%%EOF\n"
    for host in trial.hosts:
        host.start(**({"OUTTRAY_STOP_AT": resting[host][0]} if host in resting else {}))
    until(60, "the hosts in the fleet", lambda: all(host.fleet() for host in trial.hosts))
    for host, name in large.items():
        trial.drop([host], [name])
    for host, (point, times) in resting.items():
        for time_left in range(times, 0, -1):
            until(60, f"{host.name} at {point}", lambda: host.stands, pause=0.02)
            if time_left > 1:
                host.thaw()
                time.sleep(0.05)
    stopped = time.monotonic()
    free = [host for host in trial.hosts if host not in resting]
    trial.drop(free)
    # A storage that has a PUT open takes no second one: those two wait for its end.
    enough = len(trial.contents) - 2
    until(120, "the others", lambda: all(len(host.entries()) >= enough for host in free))
    time.sleep(max(0, stopped + 30 - time.monotonic()))
    taken = sum(host.takeovers() for host in free)
    wrong = [] if taken >= enough - trial.options.files else [("idle", f"only {taken} contents were taken over")]
    trial.drop(resting, [name for name in trial.contents if name not in large.values()])
    for host, name in large.items():
        trial.drop([other for other in resting if other is not host], [name])

    def go_on():
        # Each stops at every file that passes its point.
        still = [host for host in resting if host.stands]
        for host in still:
            host.thaw()
        return not still and trial.have_all(trial.hosts)

    until(300, "all files on all hosts", go_on, pause=0.02)
    return wrong + trial.finish(120), {"takeovers": taken}
