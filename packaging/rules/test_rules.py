"""A rule counts as noticed only if a test failed that passes with it."""

import json
import os
import subprocess
import tempfile
import unittest

from rule import rule
from tree import Tree
from trial import pattern, read


class TreeTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = place.name
        os.makedirs(f"{self.root}/Sources")
        self.write("if mine && free { take() }\n")
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "a"]):
            subprocess.run(["git", "-C", self.root, *words], check=True)

    def write(self, text):
        with open(f"{self.root}/Sources/a.swift", "w") as file:
            file.write(text)

    def rule(self, text="mine && ", without="", **others):
        return rule("own", "2", "Its own.", "a.swift", text, without, "ATests.A", **others)

    def test_a_text_that_stands_once_is_taken_out_and_put_back(self):
        with Tree(self.root) as tree:
            self.assertEqual(tree.faults([self.rule()]), [])
            self.assertEqual(tree.changes(), "")
            tree.take_out(self.rule())
            self.assertEqual(tree.read("a.swift"), "if free { take() }\n")
            self.assertIn("a.swift", tree.changes())
        self.assertEqual(tree.changes(), "")

    def test_it_is_put_back_after_an_interruption(self):
        tree = Tree(self.root)
        with self.assertRaises(KeyboardInterrupt), tree:
            tree.take_out(self.rule())
            raise KeyboardInterrupt
        self.assertEqual(tree.changes(), "")

    def test_a_text_that_does_not_stand_once_is_a_fault(self):
        tree = Tree(self.root)
        elsewhere = self.rule(more=[("b.swift", "a", "")])
        for faulty in (self.rule("yours"), self.rule("e"), self.rule("mine", "mine"), elsewhere):
            self.assertEqual(len(tree.faults([faulty])), 1)
        self.assertEqual(tree.faults([self.rule(), self.rule()]), ["own stands twice"])


class StreamTest(unittest.TestCase):
    def stream(self, *records):
        file = tempfile.NamedTemporaryFile("w", delete=False)
        self.addCleanup(os.unlink, file.name)
        with file:
            for kind, payload in records:
                file.write(json.dumps({"kind": kind, "payload": payload}) + "\n")
        return file.name

    def test_a_failure_and_a_time_limit_are_told_apart(self):
        outcome = read(self.stream(
            ("test", {"kind": "suite", "id": "s", "name": "S"}),
            *(("test", {"kind": "function", "id": test, "name": test}) for test in "abcd"),
            ("event", {"kind": "issueRecorded", "testID": "a", "issue": {"isKnown": False}}),
            ("event", {"kind": "issueRecorded", "testID": "b", "issue": {"isKnown": True}}),
            ("event", {
                "kind": "issueRecorded", "testID": "c", "issue": {"isKnown": False},
                "messages": [{"text": "Time limit was exceeded: 60.000 seconds"}],
            }),
            *(("event", {"kind": "testEnded", "testID": test}) for test in "abcs"),
        ))

        self.assertEqual((outcome.run, outcome.failed, outcome.late), (set("abc"), set("ac"), set("c")))

    def test_no_stream_is_no_test(self):
        self.assertEqual(read("/nowhere").run, set())

    def test_a_suite_is_no_other_one_that_begins_alike(self):
        self.assertRegex("FleetTests.HostRollTests/`of two`()", pattern("FleetTests.HostRollTests"))
        self.assertRegex("FleetTests.HostRollTests/`of two`()", pattern("FleetTests.HostRollTests/of two"))
        self.assertNotRegex("FleetTests.HostRollTestsToo/`of two`()", pattern("FleetTests.HostRollTests"))


if __name__ == "__main__":
    unittest.main()
