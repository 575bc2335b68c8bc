"""Outtray and its sandbox at work on the folders of a churn."""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

QUEUED_EVENTS = "/proc/sys/fs/inotify/max_queued_events"
USUAL_QUEUED_EVENTS = 16_384
CLONE_NEWNS = 0x00020000
# Where file systems of their own come and go, one for each.
mount_points = ["a/mnt0", "b/mnt1", "c/mnt2"]
OWN_USERS = ["unshare", "--user", "--map-root-user"]


class Failure(Exception):
    """The service did not do what every service must: start, answer, end."""


class Service:
    """One service with two accounts and the folders a, b and c. `mode` is one of `modes`."""

    def __init__(self, outtray, root, settings, mode):
        self.outtray, self.root, self.mode = outtray, root, mode
        self.process = None
        self.kills = self.unmounts = 0
        os.makedirs(root, exist_ok=True)
        if mode == "mounts":
            for number in range(len(mount_points)):
                os.makedirs(f"{root}/disks/{number}")
                subprocess.run(["mount", "-t", "tmpfs", "churn", f"{root}/disks/{number}"], check=True)
            self.mount_all()
        weather = ["--fail-every", "7", "--lose-put-every", "11", "--lose-call-every", "13", "--reset-every", "17"]
        self.sandbox = subprocess.Popen(
            [outtray, "sandbox", "--postbreeze-port", "0", "--connectsafely-port", "0", "--storage-port", "0"]
            + ["--no-rate-limits", "--directory", f"{root}/sandbox", *(weather if mode == "weather" else [])],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        # A sandbox that says nothing is ended, which ends the reading.
        patience = threading.Timer(60, self.sandbox.kill)
        patience.start()
        lines = [self.sandbox.stdout.readline() for _ in range(3)]
        patience.cancel()
        found = dict(re.findall(r"^(\w+)\s+(http://\S+)", "".join(lines), re.MULTILINE))
        if len(found) < 3:
            self.close()
            raise Failure(f"the sandbox says: {lines}")
        self.books_url = found["postbreeze"].removesuffix("/api/v1") + "/sandbox/books"
        for name, key in {"main": "pb_live_sandbox", "linkedin": "cs_sandbox"}.items():
            with open(os.open(f"{root}/{name}.key", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(key)
        concurrency, settle, renamed = settings["concurrency"], settings["settle"], settings["settle_renamed"]
        more = f"rate: [1000000/1s], concurrency: {concurrency}"
        folder = f"settle: {settle}, settle_renamed: {renamed}"
        if mode == "polling":
            folder += ", watch: poll, poll_interval: 200ms"
        with open(f"{root}/outtray.yaml", "w") as file:
            file.write(
                f"""\
state_dir: {root}/state
shutdown_timeout: 1s
manifest: {{interval: 100ms}}
accounts:
  main: {{provider: postbreeze, base_url: "{found['postbreeze']}", api_key_file: {root}/main.key, {more}}}
  linkedin:
    {{provider: connectsafely, base_url: "{found['connectsafely']}", api_key_file: {root}/linkedin.key,
     account_id: churn, {more}}}
folders:
  a: {{path: {root}/a, account: main, {folder}}}
  b: {{path: {root}/b, account: main, {folder}}}
  c: {{path: {root}/c, account: linkedin, {folder}}}
"""
            )

    def command(self, *words, patience=120):
        return subprocess.run(
            [self.outtray, *words, "--config", f"{self.root}/outtray.yaml"],
            capture_output=True, text=True, timeout=patience,
        )

    def start(self):
        command = [self.outtray, "run", "--config", f"{self.root}/outtray.yaml"]
        if self.mode == "watches":
            # A user namespace has a limit of its own. There are more folders than that.
            limit = "echo 2 >/proc/sys/user/max_inotify_watches && exec \"$@\""
            command = [*OWN_USERS, "sh", "-c", limit, "churn", *command]
        with open(f"{self.root}/log", "ab") as log, few_queued_events(self.mode == "overflow"):
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
            self.status(patience=60)

    def status(self, patience=30):
        """What `outtray status` says, as soon as the service answers."""
        end = time.monotonic() + patience
        while True:
            told = self.command("status", "--json")
            if told.returncode in (0, 75, 65) and told.stdout.startswith("{"):
                return json.loads(told.stdout)
            if self.process.poll() is not None:
                raise Failure(f"the service ended with {self.process.returncode}: {self.log()}")
            if time.monotonic() > end:
                raise Failure(f"the service does not answer: {told.stderr}")
            time.sleep(0.05)

    def log(self):
        with open(f"{self.root}/log", errors="replace") as file:
            return file.read()[-2000:]

    # Interruptions

    def kill(self, pause):
        """As a power cut for the process: SIGKILL, a while without it, and the next start."""
        self.kills += 1
        self.process.kill()
        self.process.wait()
        time.sleep(pause)
        self.start()

    def freeze(self, pause):
        """The service stands still, and so reads no events."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(pause)
        self.process.send_signal(signal.SIGCONT)

    def reload(self, _):
        self.process.send_signal(signal.SIGHUP)

    def restart(self, pause):
        self.process.terminate()
        if code := self.process.wait(timeout=60):
            raise Failure(f"the service ended with {code}: {self.log()}")
        time.sleep(pause)
        self.start()

    def mount(self, number):
        """Mounts a file system with what it had before. What lay in its place is deleted first."""
        place = f"{self.root}/{mount_points[number]}"
        if os.path.ismount(place):
            return
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.makedirs(place, exist_ok=True)
        subprocess.run(["mount", "--bind", f"{self.root}/disks/{number}", place], stderr=subprocess.DEVNULL)

    def unmount(self, number):
        """As a person does: a file system with open files stays."""
        told = subprocess.run(["umount", f"{self.root}/{mount_points[number]}"], stderr=subprocess.DEVNULL)
        self.unmounts += not told.returncode

    def mount_all(self):
        for number in range(len(mount_points)):
            self.mount(number)

    # Books

    def books(self):
        with urllib.request.urlopen(self.books_url, timeout=60) as answer:
            return json.load(answer)

    def clear_weather(self):
        """From now on no request fails."""
        names = ["failEveryNthPut", "resetMidBodyEveryNthPut", "loseAnswerEveryNthCall", "loseAnswerEveryNthPut"]
        clear = json.dumps(dict.fromkeys(names)).encode()
        with urllib.request.urlopen(self.books_url.removesuffix("books") + "weather", data=clear, timeout=60):
            pass

    def manifest(self):
        with open(f"{self.root}/state/manifest.json", "rb") as file:
            return json.load(file)

    def end(self):
        """Ends the service. Its exit code must be 0, and its ledger and manifest whole."""
        self.process.terminate()
        try:
            code = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            raise Failure(f"the service does not end: {self.log()}") from None
        if code:
            raise Failure(f"the service ended with {code}: {self.log()}")
        for words in [("check", "--repair"), ("manifest", "verify")]:
            told = self.command(*words)
            if told.returncode != 0:
                raise Failure(f"outtray {' '.join(words)} ended with {told.returncode}: {told.stdout}{told.stderr}")

    def close(self):
        for process in (self.process, self.sandbox):
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        if self.mode == "mounts":
            places = [*mount_points, *(f"disks/{number}" for number in range(len(mount_points)))]
            subprocess.run(["umount", "--lazy", *(f"{self.root}/{place}" for place in places)], stderr=subprocess.DEVNULL)


class few_queued_events:
    """While the service opens its inotify instance: the kernel queues few events for it, and so loses most."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __enter__(self):
        if self.wanted:
            with open(QUEUED_EVENTS) as file:
                # A churn that was killed may have left its own.
                self.before = max(int(file.read()), USUAL_QUEUED_EVENTS)
            self._write(16)

    def __exit__(self, *_):
        if self.wanted:
            self._write(self.before)

    def _write(self, number):
        with open(QUEUED_EVENTS, "w") as file:
            file.write(str(number))


def own_mounts():
    """From now on, nothing that is mounted here shows elsewhere."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no mount namespace")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def missing(mode):
    """Why a mode cannot be had here; None if it can."""
    if mode == "mounts" and subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "churn", "/tmp"]).returncode:
        return "nothing can be mounted"
    if mode == "overflow" and not os.access(QUEUED_EVENTS, os.W_OK):
        return f"{QUEUED_EVENTS} cannot be written"
    if mode == "watches" and subprocess.run([*OWN_USERS, "true"], stderr=subprocess.DEVNULL).returncode:
        return "no user namespace can be made"
    return None

