"""One host of a trial: Outtray as a service, with its own state and folder."""

import json
import os
import signal
import subprocess
import time
import urllib.request


class Failure(Exception):
    """A process did not do what it must: start, answer, end."""


class Host:
    """`link`: its way to provider and database; without one, it shares the trial's network. `conninfo`: None for a host
    that is in no fleet.
    """

    def __init__(self, outtray, root, name, conninfo, api, settings, link=None):
        self.outtray, self.root, self.name, self.link = outtray, f"{root}/{name}", name, link
        self.process = None
        self.concurrency = settings.get("concurrency", 4)
        os.makedirs(f"{self.root}/in")
        with open(os.open(f"{self.root}/main.key", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("pb_live_sandbox")
        self.configure(conninfo, api, settings)

    def configure(self, conninfo, api, settings):
        self.conninfo, self.api, self.settings = conninfo, api, settings
        rate, rule = settings.get("rate", "1000000/1s"), settings.get("rule", "{wait: 2s, then: upload}")
        lease = settings.get("lease", "15s")
        after = settings.get("after_upload", "keep")
        with open(f"{self.root}/outtray.yaml", "w") as file:
            file.write(
                f"""\
state_dir: {self.root}/state
shutdown_timeout: 1s
manifest: {{interval: 100ms}}
accounts:
  main: {{provider: postbreeze, base_url: "{api}", api_key_file: {self.root}/main.key, rate: [{rate}],
    concurrency: {self.concurrency}, allow_http: true}}
folders:
  in: {{path: {self.root}/in, account: main, settle: 100ms, settle_renamed: 50ms, after_upload: {after}}}
"""
            )
            if conninfo is None:
                return
            file.write(
                f"""fleet:
  database: "{conninfo}"
  host: {settings.get('called', self.name)}
  accounts: {{main: brand-x}}
  when_unreachable: {rule}
  take_over_after: {lease}
"""
            )

    def move(self, link, conninfo):
        """Gives it another way to the network and to the database, before it starts."""
        self.link = link
        self.configure(conninfo, self.api, self.settings)

    def words(self, *words):
        """One of Outtray's commands for this host, and the descriptors that it needs."""
        command = [self.outtray, *words, "--config", f"{self.root}/outtray.yaml"]
        return (self.link.inside(command), [self.link.namespace]) if self.link else (command, [])

    def command(self, *words, patience=120):
        command, descriptors = self.words(*words)
        return subprocess.run(command, capture_output=True, text=True, timeout=patience, pass_fds=descriptors)

    def start(self, **environment):
        command, descriptors = self.words("run")
        with open(f"{self.root}/log", "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, pass_fds=descriptors, env={**os.environ, **environment}
            )

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    @property
    def stands(self):
        """Whether it is stopped, by itself or by `freeze`."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "T"

    def takeovers(self):
        """How many contents it has taken over from silent hosts, since its start."""
        asked = self.command("status", "--json")
        if asked.returncode:
            raise Failure(f"status of {self.name}: {asked.stderr}")
        return json.loads(asked.stdout)["fleet"]["takeovers"]

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def end(self):
        if not self.runs:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def write(self, name, content):
        """Writes a file beside the folder and moves it in, as a careful producer does."""
        aside = f"{self.root}/{name}.new"
        with open(aside, "wb") as file:
            file.write(content)
        os.rename(aside, f"{self.root}/in/{name}")

    def time(self, name, content):
        """How long a file takes that is moved in now, until its line stands in the journal of the manifest."""
        journal = f"{self.root}/state/manifest.ndjson"
        size = os.path.getsize(journal)
        self.write(name, content)
        begun = time.monotonic()
        with open(journal, "rb") as file:

            def next_line():
                # A line that is not whole is read anew.
                file.seek(size)
                text = file.readline() if os.path.getsize(journal) > size else b""
                return text if text.endswith(b"\n") else None

            text = until(60, f"the line of {name}", next_line, pause=0.0003)
        took = time.monotonic() - begun
        line = json.loads(text)
        if not line["path"].endswith(f"/{name}"):
            raise Failure(f"the next line of {self.name} is not of {name}: {line}")
        return took

    def entries(self):
        """The entries of the manifest; none while there is no manifest."""
        try:
            with open(f"{self.root}/state/manifest.json") as file:
                return json.load(file)["entries"]
        except FileNotFoundError:
            return {}

    def fleet(self):
        """The manifest of all hosts, as this host has it; None while there is none."""
        try:
            with open(f"{self.root}/state/fleet.json") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def fleet_journal(self):
        """The lines of the journal of all hosts."""
        return whole_lines(f"{self.root}/state/fleet.ndjson")

    def log(self, most=3000):
        try:
            with open(f"{self.root}/log", errors="replace") as file:
                return file.read()[-most:]
        except FileNotFoundError:
            return ""


class Follower:
    """A process that prints the changes of all hosts as one host has them. It is none of the host's service."""

    def __init__(self, host):
        self.host, self.file = host, f"{host.root}/followed"
        command, descriptors = host.words("manifest", "follow", "--fleet")
        with open(self.file, "wb") as out, open(f"{host.root}/log-of-follower", "wb") as log:
            self.process = subprocess.Popen(command, stdout=out, stderr=log, pass_fds=descriptors)

    @property
    def lines(self):
        return whole_lines(self.file)

    @property
    def runs(self):
        return self.process.poll() is None

    def end(self):
        self.process.kill()
        self.process.wait()


def whole_lines(path):
    """The lines of a file of JSON. A last line that is not whole is left out; no file has none."""
    try:
        with open(path) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


class Sandbox:
    """The provider that all hosts use."""

    def __init__(self, outtray, root, *options):
        self.process = subprocess.Popen(
            [outtray, "sandbox", "--postbreeze-port", "0", "--connectsafely-port", "0", "--storage-port", "0"]
            + ["--directory", f"{root}/sandbox", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        lines = [self.process.stdout.readline() for _ in range(3)]
        found = {line.split()[0]: line.split()[1] for line in lines if line.count(" ")}
        if not {"postbreeze", "storage"} <= found.keys():
            raise Failure(f"the sandbox says: {lines}")
        self.api = found["postbreeze"]
        self.storage_port = int(found["storage"].rsplit(":", 1)[1])
        self.base = self.api.removesuffix("/api/v1") + "/sandbox/"

    def books(self):
        with urllib.request.urlopen(self.base + "books", timeout=60) as answer:
            return json.load(answer)

    def weather(self, **settings):
        body = json.dumps(settings).encode()
        with urllib.request.urlopen(self.base + "weather", data=body, timeout=60):
            pass

    def end(self):
        self.process.kill()
        self.process.wait()


def until(patience, what, check, pause=0.2):
    """Waits until `check` gives something true, and returns it."""
    end = time.monotonic() + patience
    while True:
        if found := check():
            return found
        if time.monotonic() > end:
            raise Failure(f"not within {patience:.0f} s: {what}")
        time.sleep(pause)
