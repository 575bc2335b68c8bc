"""A judge that finds nothing wrong proves nothing: each kind of fault must be found."""

import hashlib
import os
import tempfile
import unittest

from judge import findings
from operations import Generator, Hand, content, folders, kinds
from shorten import relatives
from trial import Trial, interruptions


class JudgeTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = place.name
        self.hand = Hand(self.root)
        self.hand.do(("write", "a/n0.pdf", 1, 3000))
        self.hand.do(("write", "a/n1.pdf", 2, 0))
        self.manifest = {
            "entries": {self.hand.at("a/n0.pdf"): self.entry("m1", content(1, 3000))},
            "rejected": {self.hand.at("a/n1.pdf"): {"code": "empty"}},
        }
        self.books = {"assets": [self.asset("m1", content(1, 3000))]}

    def entry(self, asset, data, account="main"):
        return {
            "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "present": True, "account": account,
            "mediaId": asset, "assetUrn": None, "uploadedAt": "then",
        }

    def asset(self, name, data):
        return {"id": name, "provider": "postbreeze", "sha256": hashlib.sha256(data).hexdigest()}

    def kinds(self):
        return [kind for kind, _, _ in findings(self.root, self.manifest, self.books, self.hand.whole)]

    def test_nothing_is_wrong_where_all_agrees(self):
        self.assertEqual(self.kinds(), [])

    def test_a_file_without_an_entry_and_one_with_other_bytes_are_missed(self):
        self.hand.do(("write", "b/n0.pdf", 3, 3000))
        self.assertEqual(self.kinds(), ["missed"])
        self.hand.do(("delete", "b/n0.pdf"))
        self.hand.do(("write", "a/n0.pdf", 3, 3000))
        self.assertEqual(self.kinds(), ["missed"])

    def test_an_entry_that_says_its_file_left_is_missed_while_it_is_there(self):
        self.manifest["entries"][self.hand.at("a/n0.pdf")]["present"] = False
        self.assertEqual(self.kinds(), ["missed"])

    def test_a_file_that_should_be_rejected_is_missed_if_it_is_not(self):
        self.manifest["rejected"] = {}
        self.assertEqual(self.kinds(), ["missed"])

    def test_an_entry_and_a_rejection_without_a_file_are_ghosts(self):
        self.hand.do(("delete", "a/n0.pdf"))
        self.hand.do(("delete", "a/n1.pdf"))
        self.assertEqual(self.kinds(), ["ghost", "ghost"])

    def test_bytes_that_no_file_had_are_mixed(self):
        self.manifest["entries"][self.hand.at("a/n9.pdf")] = self.entry("m2", b"%PDF-mixed") | {"present": False}
        self.books["assets"].append(self.asset("m2", b"%PDF-mixed"))
        self.assertEqual(self.kinds(), ["mixed"])

    def test_two_assets_with_the_same_bytes_are_doubled_at_one_provider_alone(self):
        self.books["assets"].append(self.asset("m2", content(1, 3000)) | {"provider": "connectsafely"})
        self.assertEqual(self.kinds(), [])
        self.books["assets"].append(self.asset("m3", content(1, 3000)))
        self.assertEqual(self.kinds(), ["doubled"])

    def test_an_asset_that_the_provider_has_not_or_of_another_account_is_foreign(self):
        entry = self.manifest["entries"][self.hand.at("a/n0.pdf")]
        entry["account"] = "linkedin"
        self.assertEqual(self.kinds(), ["foreign"])
        entry["account"], entry["mediaId"] = "main", "m9"
        self.assertEqual(self.kinds(), ["foreign"])


class SequenceTest(unittest.TestCase):
    def test_a_seed_makes_the_same_operations_each_time_and_another_seed_others(self):
        def some(seed):
            generator = Generator(seed, ["kill"])
            return [generator.next() for _ in range(500)]

        self.assertEqual(some(3), some(3))
        self.assertNotEqual(some(3), some(4))

    def test_an_interruption_has_no_operation_s_name(self):
        self.assertEqual(interruptions & set(kinds), set())

    def test_all_operations_can_be_done(self):
        with tempfile.TemporaryDirectory() as root:
            hand, done = Hand(root), set()
            for seed in range(40):
                generator = Generator(seed)
                for _ in range(100):
                    operation = generator.next()
                    if operation[0] == "rest":
                        continue
                    before = hand.done
                    # As a trial does it. There is no service: an operation that went to it would fail.
                    Trial(None, "plain", seed)._do(operation, hand, service=None)
                    if hand.done > before:
                        done.add(operation[0])
            hand.end()
            self.assertEqual(set(generator.weights) - done, set())
            self.assertTrue(all(os.path.isdir(hand.at(folder)) for folder in folders))

    def test_what_has_to_do_with_a_file_stays_when_a_sequence_is_shortened(self):
        operations = [
            ("write", "b/n1.pdf", 1, 30), ("rest", 0.1), ("write", "a/n1.pdf", 1, 30), ("rename_directory", "b", "a/d0"),
            ("write", "c/n2.pdf", 1, 30),
        ]
        self.assertEqual(relatives(operations, {"a/d0/n1.pdf"}), [operations[0], operations[1], operations[3]])


if __name__ == "__main__":
    unittest.main()
