"""Builds a tree, runs tests in it, and tells which of them failed."""

import json
import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field

PATIENCE = 1200  # seconds, for all tests of one rule


@dataclass
class Outcome:
    """What tests came to. `broken`: why that says nothing of the rule."""

    run: set = field(default_factory=set)
    failed: set = field(default_factory=set)
    late: set = field(default_factory=set)
    broken: str = ""


class Trial:
    def __init__(self, root, build, log):
        self.root, self.build_command, self.log = root, shlex.split(build), log
        self.begun = 0

    def build(self):
        """Whether the tree compiles. What the compiler says goes into the log."""
        with open(self.log, "a", encoding="utf-8") as log:
            self.begun = log.tell()
            return subprocess.run(self.build_command, cwd=self.root, stdout=log, stderr=log).returncode == 0

    def errors(self):
        """What the compiler said last, in the last build."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.begun)
            return [line.strip() for line in log if ": error: " in line][-3:]

    def bundle(self):
        asked = subprocess.run(
            ["swift", "build", "--show-bin-path"], cwd=self.root, capture_output=True, text=True, check=True
        )
        return os.path.join(asked.stdout.strip(), "outtrayPackageTests.xctest")

    def test(self, tests):
        """Runs suites, or single tests."""
        with tempfile.TemporaryDirectory() as directory:
            stream = os.path.join(directory, "events")
            command = [self.bundle(), "--testing-library", "swift-testing", "--event-stream-output-path", stream]
            for name in tests:
                command += ["--filter", pattern(name)]
            environment = {**os.environ, "NO_COLOR": "1", "SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH": "16"}
            with open(self.log, "a", encoding="utf-8") as log:
                try:
                    code = subprocess.run(
                        command, cwd=self.root, stdout=log, stderr=log, env=environment, timeout=PATIENCE
                    ).returncode
                except subprocess.TimeoutExpired:
                    code = None
            outcome = read(stream)
        if code is None:
            outcome.late.add(f"the tests, which were not done after {PATIENCE} s")
        elif code < 0:
            outcome.failed.add(f"the tests' process, which ended by signal {-code}")
        elif not outcome.run:
            outcome.broken = f"no test of {', '.join(tests)} was run"
        elif outcome.run == outcome.failed and len(outcome.run) > 1 and not all("/" in name for name in tests):
            outcome.broken = "every test of its suites fails, so this takes out more than the rule"
        elif bool(code) != bool(outcome.failed):
            outcome.broken = f"the tests ended with {code}, and {len(outcome.failed)} have failed"
        return outcome

    def scenario(self, words):
        """Runs packaging/fleet."""
        name = "packaging/fleet " + " ".join(words)
        with open(self.log, "a", encoding="utf-8") as log:
            code = subprocess.run(["packaging/fleet", *words], cwd=self.root, stdout=log, stderr=log).returncode
        if code not in (0, 1):
            return Outcome(broken=f"{name} ended with {code}")
        return Outcome(run={name}, failed={name} if code else set())


def pattern(name):
    """The regular expression of a suite, or of tests by the beginning of their names."""
    suite, _, test = name.partition("/")
    return f"^{re.escape(suite)}/`?{re.escape(test)}"


def read(stream):
    """Reads what Swift Testing writes of each test into its stream of events: a line of JSON for each."""
    outcome = Outcome()
    try:
        with open(stream, encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.endswith("\n")]
    except FileNotFoundError:
        return outcome
    functions = {
        record["payload"]["id"]: record["payload"].get("displayName") or record["payload"]["name"]
        for record in records
        if record["kind"] == "test" and record["payload"]["kind"] == "function"
    }
    for payload in [record["payload"] for record in records if record["kind"] == "event"]:
        name = functions.get(payload.get("testID"))
        if not name:
            continue
        if payload["kind"] == "testEnded":
            outcome.run.add(name)
        elif payload["kind"] == "issueRecorded" and not payload["issue"].get("isKnown"):
            outcome.failed.add(name)
            if any("ime limit was exceeded" in message["text"] for message in payload.get("messages", [])):
                outcome.late.add(name)
    return outcome
