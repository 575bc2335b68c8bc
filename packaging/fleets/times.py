"""How fast it goes: a pace that hosts share, a clock that jumps, what the fleet costs a file."""

import collections
import datetime
import socket
import statistics
import struct
import time
import zlib

import link
from database import PORT
from host import Failure, until
from trial import NotRun, scenario

LIMIT, WINDOW = 20, 10


def fullest(calls):
    """The most calls that any window of the pace has. The books have whole seconds."""
    times = sorted(datetime.datetime.fromisoformat(call["at"]).timestamp() for call in calls)
    return max(sum(at <= other < at + WINDOW - 0.5 for other in times) for at in times)


def crowded(calls, limit=LIMIT):
    most = fullest(calls)
    return [("crowded", f"{most} calls within {WINDOW} s")] if most > limit else []


@scenario(rate=f"{LIMIT}/{WINDOW}s")
def paced(trial):
    """A rate that all hosts share: in no window has the provider more calls than it allows."""
    trial.contents = dict(list(trial.contents.items())[:60])
    trial.start()
    for number, host in enumerate(trial.hosts):
        trial.drop([host], list(trial.contents)[number :: len(trial.hosts)])
    until(300, "all files", lambda: trial.provided()["puts"] >= len(trial.contents))
    calls = trial.sandbox.books()["calls"]
    return crowded(calls), {f"calls in the fullest {WINDOW} s": fullest(calls)}


@scenario(weather=["--normalise-for", "8"])
def looks(trial):
    """Images that the provider processes for a while: one host asks about each, and all show that it is ready."""
    trial.contents = {f"{number:05d}.png": picture(number) for number in range(min(trial.options.files, 40))}
    trial.start()
    trial.drop()
    wrong = trial.finish(120)
    until(120, "every image to be ready", lambda: all(
        entry["status"] == "ready" for host in trial.hosts for entry in host.entries().values()
    ))
    asked = [call for call in trial.sandbox.books()["calls"] if call["route"].startswith("GET /media/")]
    # The pauses grow: 0, 2, 5, 9.5 s.
    if len(asked) > 5 * len(trial.contents):
        wrong.append(("crowded", f"{len(asked)} looks at {len(trial.contents)} images"))
    return wrong, {"looks": len(asked)}


def picture(number):
    """A PNG of one pixel, and a text that makes its bytes differ."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"tEXt", b"Title\0%d" % number), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@scenario(rate=f"{LIMIT}/{WINDOW}s", stepped=True, lease="15s", rule="wait")
def clock(trial):
    """The database's clock jumps an hour ahead and back again: nobody is taken for dead, the pace goes on.

    After the jump ahead, earlier calls seem old, so a window may have the calls of two.
    """
    trial.contents = dict(list(trial.contents.items())[:160])
    trial.start()
    trial.drop()
    count, wrong = len(trial.contents), []
    for part, ahead in [(0.2, 3600), (0.5, 0)]:
        until(300, "the time of the step", lambda: trial.provided()["puts"] >= count * part)
        trial.clock.step(ahead)
        told = float(trial.database.sql("SELECT extract(epoch FROM clock_timestamp())")[0][0])
        if abs(told - time.time() - ahead) > 5:
            raise NotRun(f"libfaketime does not move the server's clock: it is {told - time.time():.0f} s ahead")
        # A window is full for its length and two seconds. So this is more than one window's calls.
        wanted = min(count, trial.provided()["puts"] + LIMIT * 3 // 2)
        try:
            until(3 * WINDOW, "uploads as before", lambda: trial.provided()["puts"] >= wanted)
        except Failure:
            step = f"{3600 if ahead else -3600:+d} s"
            room = trial.database.sql(
                "SELECT sum(n), extract(epoch FROM min(at) - clock_timestamp())::int,"
                " extract(epoch FROM max(at) - clock_timestamp())::int FROM outtray.calls"
            )[0]
            missing = wanted - trial.provided()["puts"]
            wrong.append((
                "held up",
                f"{missing} of {LIMIT * 3 // 2} uploads were missing {3 * WINDOW} s after a step of {step}:"
                f" outtray.calls has {room[0]} calls, from {room[1]} to {room[2]} s after now",
            ))
            # So that the rest can be judged.
            trial.clock.step(3600)
    wrong += trial.finish(300) + crowded(trial.sandbox.books()["calls"], 2 * LIMIT)
    taken = sum(host.takeovers() for host in trial.hosts)
    if taken:
        wrong.append(("taken over", f"{taken} contents of hosts that lived"))
    return wrong, {f"calls in the fullest {WINDOW} s": fullest(trial.sandbox.books()["calls"]), "takeovers": taken}


# Half of a millisecond in each direction.
DELAY = 0.0005


@scenario(hosts=4, links=True)
def latency(trial):
    """What a fleet costs a file that comes alone: from its rename to its line in the manifest.

    Hosts in a fleet and hosts in none take turns.
    Two hosts reach the database by its socket, two by a link of 1 ms there and back. One of each is in no fleet.
    """
    trial.links[2].set(delay=DELAY, port=PORT)
    trial.hosts[0].move(None, trial.database.conninfo)
    trial.hosts[1].move(None, None)
    trial.hosts[3].move(trial.links[3], None)
    names = ["in a fleet by socket", "in none", "in a fleet by link", "in none behind a link"]
    trial.start()
    for host in trial.hosts:
        host.write("first.pdf", b"%PDF-1.7\n" + trial.random.randbytes(2000) + b"\n%%EOF\n")
    until(60, "the first file of each", lambda: all(host.entries() for host in trial.hosts))
    until(60, "the fleet", lambda: all(trial.hosts[number].fleet() for number in (0, 2)))
    turns = collections.deque(zip(names, trial.hosts))
    took = {name: [] for name in names}
    for number in range(len(trial.contents)):
        turns.rotate(1)
        for name, host in turns:
            content = b"%PDF-1.7\n" + trial.random.randbytes(2000) + b"\n%%EOF\n"
            took[name].append(host.time(f"{number:05d}.pdf", content))
            time.sleep(0.02)
    trip = statistics.median(trial.links[2].within(connect) for _ in range(50))
    figures = {"ms there and back by the link": f"{trip * 1000:.1f}"}
    for name, times in took.items():
        last = sorted(times)[len(times) * 95 // 100]
        figures[f"ms {name} (95 % within {last * 1000:.1f})"] = f"{statistics.median(times) * 1000:.1f}"
    return [], figures


def connect():
    """How long it takes to connect to the database's port: one way there and back."""
    begun = time.monotonic()
    with socket.create_connection((link.ADDRESS, PORT)):
        return time.monotonic() - begun
