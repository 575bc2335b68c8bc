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
    def __init__(self, outtray, root, name, conninfo, api, settings):
        self.outtray, self.root, self.name = outtray, f"{root}/{name}", name
        self.process = None
        self.kills = 0
        os.makedirs(f"{self.root}/in")
        with open(os.open(f"{self.root}/main.key", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("pb_live_sandbox")
        self.configure(conninfo, api, settings)

    def configure(self, conninfo, api, settings):
        self.settings = settings
        rate, rule = settings.get("rate", "1000000/1s"), settings.get("rule", "{wait: 2s, then: upload}")
        lease, concurrency = settings.get("lease", "15s"), settings.get("concurrency", 4)
        after = settings.get("after_upload", "keep")
        with open(f"{self.root}/outtray.yaml", "w") as file:
            file.write(
                f"""\
state_dir: {self.root}/state
shutdown_timeout: 1s
manifest: {{interval: 100ms}}
accounts:
  main: {{provider: postbreeze, base_url: "{api}", api_key_file: {self.root}/main.key, rate: [{rate}],
    concurrency: {concurrency}}}
folders:
  in: {{path: {self.root}/in, account: main, settle: 100ms, settle_renamed: 50ms, after_upload: {after}}}
fleet:
  database: "{conninfo}"
  host: {self.name}
  accounts: {{main: brand-x}}
  when_unreachable: {rule}
  take_over_after: {lease}
"""
            )

    def command(self, *words, patience=120):
        return subprocess.run(
            [self.outtray, *words, "--config", f"{self.root}/outtray.yaml"],
            capture_output=True, text=True, timeout=patience,
        )

    def start(self):
        with open(f"{self.root}/log", "ab") as log:
            command = [self.outtray, "run", "--config", f"{self.root}/outtray.yaml"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self):
        self.kills += 1
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

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
        """The lines of the journal of all hosts. A last line that is not whole is left out."""
        try:
            with open(f"{self.root}/state/fleet.ndjson") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def log(self, most=3000):
        try:
            with open(f"{self.root}/log", errors="replace") as file:
                return file.read()[-most:]
        except FileNotFoundError:
            return ""


class Sandbox:
    """The provider that all hosts use."""

    def __init__(self, outtray, root, *options):
        self.process = subprocess.Popen(
            [outtray, "sandbox", "--postbreeze-port", "0", "--connectsafely-port", "0", "--storage-port", "0"]
            + ["--directory", f"{root}/sandbox", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        lines = [self.process.stdout.readline() for _ in range(3)]
        found = [line.split()[1] for line in lines if line.startswith("postbreeze")]
        if not found:
            raise Failure(f"the sandbox says: {lines}")
        self.api = found[0]
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
