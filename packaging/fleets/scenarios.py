"""What hosts of a fleet go through, and what must hold at its end."""

import datetime
import os
import random
import signal
import struct
import time
import zlib

from host import Failure, Host, Sandbox, until
from database import Database
from judge import counted, findings, untold


class Trial:
    """Some hosts, one provider and one database, in a directory of their own."""

    def __init__(self, options, root, seed, weather=(), **settings):
        self.options, self.root, self.random = options, root, random.Random(seed)
        self.database = Database(root)
        self.sandbox = Sandbox(options.binary, root, "--no-rate-limits", *weather)
        self.hosts = [
            Host(options.binary, root, f"ingest-{number + 1}", self.database.conninfo, self.sandbox.api, settings)
            for number in range(options.hosts)
        ]
        made = self.hosts[0].command("fleet", "init")
        if made.returncode:
            raise Failure(f"fleet init: {made.stderr}")
        self.contents = {
            f"{number:05d}.pdf": b"%PDF-1.7\n" + self.random.randbytes(2000 + number % 7) + b"\n%%EOF\n"
            for number in range(options.files)
        }
        self.kills = self.crashes = 0

    def start(self):
        for host in self.hosts:
            host.start()

    def drop(self, hosts=None):
        """Drops every file on every host, in an order of each host's own."""
        for host in hosts or self.hosts:
            names = list(self.contents)
            self.random.shuffle(names)
            for name in names:
                host.write(name, self.contents[name])

    def is_done(self):
        """Whether every host shows every file, and the fleet has all of it."""
        if not all(len(host.entries()) == len(self.contents) for host in self.hosts if host.runs):
            return False
        published = int(self.database.sql("SELECT count(*) FROM outtray.entries WHERE present")[0][0])
        return published == len(self.contents) * len(self.hosts)

    def finish(self, patience, alone=False):
        begun = time.monotonic()
        for host in self.hosts:
            if not host.runs:
                raise Failure(f"{host.name} has ended: {host.log()}")
        try:
            until(patience, "every file on every host", self.is_done)
        except Failure as failure:
            raise Failure(f"{failure}; {self.progress()}") from None
        self.rest()
        return findings(self.contents, self.hosts, self.sandbox.books(), self.database, alone), time.monotonic() - begun

    def rest(self):
        """Waits until the files of all hosts are the fleet's on every host, or no longer. What is wrong then is told later.

        A revision does not tell it: after a restore, other changes have the same one.
        """
        try:
            until(60, "the files of all hosts", lambda: not untold(self.hosts, self.database), pause=0.5)
        except Failure:
            pass

    def progress(self):
        entries = {host.name: len(host.entries()) for host in self.hosts}
        rows = self.database.sql(
            "SELECT count(*), count(receipt), count(*) FILTER (WHERE free), (SELECT count(*) FROM outtray.entries)"
            " FROM outtray.contents"
        )[0]
        return f"entries {entries}, contents {rows[0]}, receipts {rows[1]}, free {rows[2]}, published {rows[3]}"

    def figures(self):
        listed = int(self.database.sql("SELECT count(DISTINCT receipt) FROM outtray.duplicates")[0][0])
        return {**self.figures_without_database(), "duplicates listed": listed}

    def figures_without_database(self):
        by_digest, puts = counted(self.sandbox.books())
        surplus = sum(len(ids) - 1 for ids in by_digest.values())
        return {
            "assets": sum(map(len, by_digest.values())), "surplus": surplus, "puts": puts, "kills": self.kills,
            "crashes": self.crashes,
        }

    def end(self):
        for host in self.hosts:
            host.end()
        self.sandbox.end()
        self.database.stop()


def same(options, root, seed):
    """The same files on every host, at once: each goes up once."""
    trial = Trial(options, root, seed)
    try:
        trial.start()
        begun = time.monotonic()
        trial.drop()
        wrong, _ = trial.finish(600)
        took = time.monotonic() - begun
        figures = trial.figures()
        figures["seconds"] = round(took, 1)
        figures["files a second"] = round(len(trial.contents) * len(trial.hosts) / took)
        if figures["puts"] != len(trial.contents):
            wrong.append(("doubled", f"{figures['puts']} PUTs for {len(trial.contents)} contents"))
        return wrong, figures
    finally:
        trial.end()


def kills(options, root, seed, crashes=0):
    """Hosts are killed at random and start again, some after longer than the lease; so is the database, if asked for."""
    trial = Trial(options, root, seed, weather=["--latency", "0.02"], lease="15s", rule="wait")
    try:
        trial.start()
        trial.drop()
        down, crashed = {}, 0
        end = time.monotonic() + 600
        while not (trial.kills >= options.kills and crashed >= crashes and not down):
            time.sleep(trial.random.uniform(0.02, 0.3))
            now = time.monotonic()
            if now > end:
                raise Failure("the kills took too long")
            alive = [host for host in trial.hosts if host not in down]
            if trial.kills < options.kills and alive:
                host = trial.random.choice(alive)
                host.kill()
                trial.kills += 1
                down[host] = now + trial.random.choice([0, 0.05, 0.3, 2])
            for host in [host for host, at in down.items() if at <= now]:
                del down[host]
                host.start()
            if crashed < crashes and trial.random.random() < 0.05:
                trial.database.stop()
                time.sleep(trial.random.uniform(0.2, 1.5))
                trial.database.start()
                crashed += 1
                trial.crashes += 1
        wrong, _ = trial.finish(600)
        return wrong, trial.figures()
    finally:
        trial.end()


def crashes(options, root, seed):
    """As kills, with crashes of the database between them."""
    return kills(options, root, seed, crashes=10)


def silent(options, root, seed):
    """A host stands still in the middle of its uploads for longer than the lease, and then goes on: one asset each."""
    trial = Trial(options, root, seed, weather=["--latency", "0.05"], lease="15s", rule="wait")
    try:
        trial.start()
        trial.drop()
        until(60, "some uploads", lambda: len(trial.hosts[0].entries()) > len(trial.contents) // 20)
        trial.hosts[0].freeze()
        others = trial.hosts[1:]
        until(120, "the others to have all", lambda: all(len(h.entries()) == len(trial.contents) for h in others))
        trial.hosts[0].thaw()
        wrong, _ = trial.finish(120)
        return wrong, trial.figures()
    finally:
        trial.end()


def outage(options, root, seed):
    """The database is away for a while, and files go up all the same: each surplus asset is listed afterwards."""
    trial = Trial(options, root, seed, weather=["--latency", "0.02"], rule="{wait: 2s, then: upload}")
    try:
        trial.start()
        trial.drop()
        until(60, "some uploads", lambda: len(trial.hosts[0].entries()) > len(trial.contents) // 20)
        trial.database.stop()
        trial.crashes = 1
        for host in trial.hosts:
            until(300, f"all files of {host.name}", lambda: len(host.entries()) == len(trial.contents))
        trial.database.start()
        wrong, _ = trial.finish(120, alone=True)
        figures = trial.figures()
        if figures["surplus"] != figures["duplicates listed"]:
            wrong.append(("unlisted", f"{figures['surplus']} surplus assets, {figures['duplicates listed']} listed"))
        return wrong, figures
    finally:
        trial.end()


def known(options, root, seed):
    """The database is away, and a host gets files that others have sent: it adopts what its copy knows, and sends nothing."""
    trial = Trial(options, root, seed, rule="{wait: 1s, then: upload}")
    try:
        last = trial.hosts[-1]
        others = trial.hosts[:-1]
        trial.start()
        trial.drop(others)
        for host in others:
            until(300, f"all files of {host.name}", lambda: len(host.entries()) == len(trial.contents))
        expected = len(trial.contents) * len(others)
        until(60, "the copy", lambda: len((last.fleet() or {"entries": {}})["entries"]) == expected)
        trial.database.stop()
        trial.crashes = 1
        trial.drop([last])
        until(300, "all files of the last host", lambda: len(last.entries()) == len(trial.contents))
        figures = trial.figures_without_database()
        wrong = []
        if figures["puts"] != len(trial.contents):
            wrong.append(("doubled", f"{figures['puts']} PUTs for {len(trial.contents)} contents"))
        trial.database.start()
        more, _ = trial.finish(120)
        return wrong + more, trial.figures()
    finally:
        trial.end()


def waits(options, root, seed):
    """The database is away with `when_unreachable: wait`: nothing new goes up until it is back."""
    trial = Trial(options, root, seed, rule="wait")
    try:
        trial.start()
        until(60, "every host", lambda: trial.database.sql("SELECT count(*) FROM outtray.hosts")[0][0] == str(len(trial.hosts)))
        trial.database.stop()
        trial.crashes = 1
        trial.drop()
        time.sleep(5)
        wrong = []
        if any(host.entries() for host in trial.hosts):
            wrong.append(("doubled", "files went up while nobody could ask the fleet"))
        trial.database.start()
        more, _ = trial.finish(300)
        return wrong + more, trial.figures()
    finally:
        trial.end()


def twins(options, root, seed):
    """The copy of a host's state takes over its identity: the older process stops its work with the fleet, and says so."""
    trial = Trial(options, root, seed, rule="wait")
    try:
        trial.start()
        first = trial.hosts[0]
        until(60, "the first host", lambda: trial.database.sql("SELECT 1 FROM outtray.hosts WHERE name = 'ingest-1'"))
        copy = Host(options.binary, root, "copy", trial.database.conninfo, trial.sandbox.api, first.settings)
        os.system(f"cp -r {first.root}/state {copy.root}/")
        os.system(f"sed -i 's/host: copy/host: ingest-1/' {copy.root}/outtray.yaml")
        copy.start()
        until(60, "the first host to say it", lambda: "another process works under the identity" in first.log(100_000))
        first.end()
        copy.end()
        return [], trial.figures()
    finally:
        trial.end()


def restored(options, root, seed):
    """The database is put back from an older copy under running hosts: all entries come back, and no id changes.

    With an odd seed it was stopped before; with an even one, the hosts' connections stay.
    """
    trial = Trial(options, root, seed)
    try:
        trial.start()
        names = list(trial.contents)
        half = len(names) // 2
        for host in trial.hosts:
            for name in names[:half]:
                host.write(name, trial.contents[name])
        count = "SELECT count(*) FROM outtray.entries WHERE present"
        until(300, "half of it", lambda: trial.database.sql(count)[0][0] == str(half * len(trial.hosts)))
        dump = trial.database.dump()
        for host in trial.hosts:
            for name in names[half:]:
                host.write(name, trial.contents[name])
        trial.finish(300)
        before = {host.name: {path: entry["mediaId"] for path, entry in host.entries().items()} for host in trial.hosts}
        if seed % 2:
            trial.database.stop("fast")
            trial.database.start()
        trial.database.restore(dump)
        wrong, _ = trial.finish(120)
        for host in trial.hosts:
            if before[host.name] != {path: entry["mediaId"] for path, entry in host.entries().items()}:
                wrong.append(("unequal", f"ids of {host.name} have changed"))
        return wrong, trial.figures()
    finally:
        trial.end()


def paced(options, root, seed):
    """A rate that all hosts share: in no window has the provider more calls than it allows."""
    trial = Trial(options, root, seed, rate="20/10s")
    trial.contents = dict(list(trial.contents.items())[:60])
    try:
        trial.start()
        for number, host in enumerate(trial.hosts):
            for name in list(trial.contents)[number :: len(trial.hosts)]:
                host.write(name, trial.contents[name])
        until(300, "all files", lambda: counted(trial.sandbox.books())[1] >= len(trial.contents))
        calls = trial.sandbox.books()["calls"]
        times = sorted(datetime.datetime.fromisoformat(call["at"]).timestamp() for call in calls)
        # The books have whole seconds.
        most = max(sum(at <= other < at + 9.5 for other in times) for at in times)
        wrong = [("crowded", f"{most} calls within 10 s")] if most > 20 else []
        return wrong, trial.figures() | {"calls in the fullest 10 s": most}
    finally:
        trial.end()


def looks(options, root, seed):
    """Images that the provider processes for a while: one host asks about each, and all show that it is ready."""
    trial = Trial(options, root, seed, weather=["--normalise-for", "8"])
    trial.contents = {f"{number:05d}.png": picture(number) for number in range(min(options.files, 40))}
    try:
        trial.start()
        trial.drop()
        wrong, _ = trial.finish(120)
        ready = lambda host: all(entry["status"] == "ready" for entry in host.entries().values())
        until(120, "every image to be ready", lambda: all(ready(host) for host in trial.hosts))
        asked = [call for call in trial.sandbox.books()["calls"] if call["route"].startswith("GET /media/")]
        # The pauses grow: 0, 2, 5, 9.5 s.
        most = 5 * len(trial.contents)
        if len(asked) > most:
            wrong.append(("crowded", f"{len(asked)} looks at {len(trial.contents)} images"))
        return wrong, trial.figures() | {"looks": len(asked)}
    finally:
        trial.end()


def picture(number):
    """A PNG of one pixel, and a text that makes its bytes differ."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"tEXt", b"Title\0%d" % number), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def late(options, root, seed):
    """A host joins when all is up: it adopts every content, and has what all hosts show. Then one is taken out."""
    trial = Trial(options, root, seed)
    try:
        last = trial.hosts.pop()
        trial.start()
        trial.drop()
        wrong, _ = trial.finish(600)
        trial.hosts.append(last)
        last.start()
        trial.drop([last])
        more, _ = trial.finish(600)
        wrong += more
        figures = trial.figures()
        if figures["puts"] != len(trial.contents):
            wrong.append(("doubled", f"{figures['puts']} PUTs for {len(trial.contents)} contents"))
        gone = trial.hosts.pop(0)
        gone.end()
        asked = trial.hosts[0].command("fleet", "forget", gone.name)
        if asked.returncode:
            raise Failure(f"fleet forget: {asked.stderr}")
        trial.rest()
        wrong += untold(trial.hosts, trial.database)
        if any(key.startswith(f"{gone.name}:") for key in trial.hosts[0].fleet()["entries"]):
            wrong.append(("untold", f"{gone.name} is shown still"))
        return wrong, figures
    finally:
        trial.end()


scenarios = {
    scenario.__name__: scenario
    for scenario in [same, kills, crashes, silent, outage, known, waits, twins, restored, late, paced, looks]
}
