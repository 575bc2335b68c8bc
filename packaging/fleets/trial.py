"""Some hosts, one provider and one database, in a directory of their own; and the list of scenarios that use them."""

import random
import time

import clock
import database
import judge
import link
from host import Failure, Follower, Host, Sandbox, until
from database import Database

# By their names: the work, and what its trial is made with.
scenarios = {}


class NotRun(Exception):
    """This machine cannot do it, or an option is missing. It says which."""


def scenario(**setting):
    """Enters a function into the list. It gets a `Trial` with this setting. A value may be a function of the seed.

    It returns what is wrong, as (kind, words), and figures beside those of each trial.
    """

    def enter(work):
        scenarios[work.__name__] = (work, setting)
        return work

    return enter


def run(name, options, root, seed):
    """Runs a scenario. Returns what is wrong, as (kind, words), and its figures."""
    work, setting = scenarios[name]
    setting = {key: value(seed) if callable(value) else value for key, value in setting.items()}
    trial = Trial(options, root, seed, **setting)
    try:
        trial.begin()
        wrong, figures = work(trial)
        wrong += trial.in_clear()
        return wrong, {**trial.figures(), **figures}
    finally:
        trial.end()


class Trial:
    """`links`: each host has a network namespace of its own, from where a link leads to provider and database.
    `followed`: each host has a follower. `stepped`: the server has a clock of its own. `server`: what `Database` gets
    beside. Other settings are the hosts' configuration.
    """

    def __init__(
        self, options, root, seed, *, hosts=None, links=False, followed=False, stepped=False, weather=(), server=None,
        **settings,
    ):
        self.options, self.root, self.seed, self.random = options, root, seed, random.Random(seed)
        self.count, self.settings = hosts or options.hosts, settings
        self.has_links, self.is_followed, self.weather, self.server = links, followed, weather, server or {}
        self.clock = clock.Clock(root) if stepped and clock.library() else None
        self.lacks_clock = stepped and not self.clock
        self.contents = {
            f"{number:05d}.pdf": b"%PDF-1.7\n" + self.random.randbytes(2000 + number % 7) + b"\n%%EOF\n"
            for number in range(options.files)
        }
        self.kills = self.crashes = self.tickets = 0
        self.database = self.sandbox = None
        self.hosts, self.links, self.followers = [], [], []

    def begin(self):
        """Makes everything; no host runs yet."""
        if self.has_links or self.server.get("room"):
            self.need_own_network()
        if self.lacks_clock:
            raise NotRun("libfaketime is not there: apt-get install libfaketime")
        if self.clock:
            self.server["environment"] = self.clock.environment
        binary = self.options.binary
        self.database = Database(self.root, address=link.ADDRESS if self.has_links else None, **self.server)
        listen = ["--host", link.ADDRESS] if self.has_links else []
        self.sandbox = Sandbox(binary, self.root, "--no-rate-limits", *listen, *self.weather)
        if self.has_links:
            self.links = [link.Link(number + 1, self.seed) for number in range(self.count)]
        for number in range(self.count):
            self.hosts.append(self.host(f"ingest-{number + 1}", self.links[number] if self.links else None))
        owner = self.database.conninfo_of_owner
        made = self.hosts[0].command("fleet", "init", "--role", "outtray", "--database", owner)
        if made.returncode:
            raise Failure(f"fleet init: {made.stderr}")

    def need_own_network(self):
        if self.options.obstacle:
            raise NotRun(self.options.obstacle)

    def host(self, name, way=None, **settings):
        conninfo = self.database.conninfo_by_network if way else self.database.conninfo
        settings = {**self.settings, **settings}
        return Host(self.options.binary, self.root, name, conninfo, self.sandbox.api, settings, way)

    def start(self):
        for host in self.hosts:
            host.start()
        if self.is_followed:
            # A follower that comes later is told what is there, not how it came.
            until(60, "the first copy on every host", lambda: all(host.fleet() for host in self.hosts))
            self.followers = [Follower(host) for host in self.hosts]

    def drop(self, hosts=None, names=None):
        """Drops every file on every host, in an order of each host's own."""
        for host in hosts or self.hosts:
            order = list(names or self.contents)
            self.random.shuffle(order)
            for name in order:
                host.write(name, self.contents[name])

    def halves(self):
        """The names of the files, in two halves."""
        names = list(self.contents)
        return names[: len(names) // 2], names[len(names) // 2 :]

    def have_all(self, hosts):
        """Whether hosts show all files. One that does not run counts as one that does."""
        return all(len(host.entries()) == len(self.contents) for host in hosts if host.runs)

    def entry_counts(self):
        return {host.name: len(host.entries()) for host in self.hosts}

    # MARK: Its end

    def is_done(self):
        """Whether every host shows every file, and the fleet has all of it."""
        if not self.have_all(self.hosts):
            return False
        published = int(self.database.sql("SELECT count(*) FROM outtray.entries WHERE present")[0][0])
        return published == len(self.contents) * len(self.hosts)

    def finish(self, patience, alone=False):
        """Waits for the end of the work, and for rest. Returns what is wrong then."""
        self.look()
        for host in self.hosts:
            if not host.runs:
                raise Failure(f"{host.name} has ended: {host.log()}")
        try:
            until(patience, "every file on every host", self.is_done)
        except Failure as failure:
            raise Failure(f"{failure}; {self.progress()}") from None
        self.rest()
        wrong = judge.findings(self.contents, self.hosts, self.sandbox.books(), self.database, alone)
        if alone:
            figures = self.figures()
            if figures["surplus"] != figures["duplicates listed"]:
                listed = figures["duplicates listed"]
                wrong.append(("unlisted", f"{figures['surplus']} surplus assets, {listed} listed"))
        return wrong + self.missed()

    def rest(self):
        """Waits until the files of all hosts are the fleet's on every host, a minute at most.

        What is wrong is told later. A revision does not tell it: after a restore, other changes have the same one.
        """
        try:
            until(60, "the files of all hosts", lambda: not judge.untold(self.hosts, self.database), pause=0.5)
        except Failure:
            pass

    def missed(self):
        """What followers did not print as it was."""
        if not self.followers:
            return []
        changes = judge.changes(self.database)
        try:
            until(30, "the followers", lambda: all(len(it.lines) >= len(changes) for it in self.followers))
        except Failure:
            pass
        return [found for follower in self.followers for found in judge.missed(follower, changes)]

    def progress(self):
        row = self.database.sql(
            "SELECT count(*), count(receipt), count(*) FILTER (WHERE free), (SELECT count(*) FROM outtray.entries)"
            " FROM outtray.contents"
        )[0]
        told = zip(("contents", "receipts", "free", "published"), row)
        return f"entries {self.entry_counts()}, " + ", ".join(f"{what} {count}" for what, count in told)

    def look(self):
        """Looks for tickets in clear in a copy of the database, while some of its claims hold one."""
        dump = self.database.dump()
        if database.holds_ticket(dump.encode()):
            raise Failure("a copy of the database has a ticket in clear")
        held = self.database.sql("SELECT count(ticket) FROM outtray.contents")
        self.tickets = max(self.tickets, int(held[0][0]))

    def in_clear(self):
        """Tickets in clear, in a copy of the database and in all that its server has written."""
        self.look()
        return [("in clear", f"{path} of the server has a ticket") for path in self.database.spilt()]

    def figures(self):
        listed = int(self.database.sql("SELECT count(DISTINCT receipt) FROM outtray.duplicates")[0][0])
        followed = {"changes followed": len(judge.changes(self.database))} if self.followers else {}
        return {**self.provided(), "duplicates listed": listed, "tickets seen sealed": self.tickets, **followed}

    def provided(self):
        """What the provider saw. The database need not be there."""
        by_digest, puts = judge.counted(self.sandbox.books())
        surplus = sum(len(ids) - 1 for ids in by_digest.values())
        return {
            "assets": sum(map(len, by_digest.values())), "surplus": surplus, "puts": puts, "kills": self.kills,
            "crashes": self.crashes,
        }

    def once(self):
        """What is wrong if contents went up more than once each."""
        puts = self.provided()["puts"]
        return [] if puts == len(self.contents) else [("doubled", f"{puts} PUTs for {len(self.contents)} contents")]

    def end(self):
        for part in [*self.followers, *self.hosts, self.sandbox, self.database, *self.links]:
            if part:
                part.end()


def seconds_since(begun):
    return round(time.monotonic() - begun, 1)
