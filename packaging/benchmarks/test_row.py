"""How contenders run in turn, and what becomes of one that fails."""

import io
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from measure import Missing, RowFailure  # noqa: E402
from row import Run  # noqa: E402


def failing(error):
    def contender():
        raise error

    return contender


class CompareTests(unittest.TestCase):
    def setUp(self):
        self.run_of_rows = Run(None, None, None, rounds=3, benchmarks=None, log=io.StringIO())

    def test_contenders_run_in_turn_and_in_the_other_order_every_second_round(self):
        order = []
        contenders = {name: lambda name=name: order.append(name) or {"wall s": len(order)} for name in ("outtray", "b")}
        found = self.run_of_rows.compare(contenders)
        self.assertEqual(order, ["outtray", "b", "b", "outtray", "outtray", "b"])
        self.assertEqual(found.of("outtray", "wall s"), 4)
        self.assertEqual(found.ratio("wall s", "outtray", "b"), 4 / 3)

    def test_a_peer_that_is_missing_or_fails_is_left_out_with_the_reason(self):
        for error in (Missing("rclone is not installed"), RowFailure("rclone ended with 1")):
            found = self.run_of_rows.compare({"outtray": lambda: {"wall s": 1}, "rclone": failing(error)})
            self.assertEqual(found.left_out, {"rclone": str(error)})
            self.assertIsNone(found.ratio("wall s", "outtray", "rclone"))
            self.assertEqual(list(found.result([])["contenders"]), ["outtray"])

    def test_a_peer_that_fails_once_has_no_figure(self):
        turns = iter([{"wall s": 1}, None])
        found = self.run_of_rows.compare(
            {"outtray": lambda: {"wall s": 1}, "curl": lambda: next(turns) or failing(RowFailure("no"))()}
        )
        self.assertIsNone(found.of("curl", "wall s"))

    def test_outtray_that_fails_fails_the_row(self):
        for name in ("outtray", "outtray at /old"):
            with self.assertRaisesRegex(RowFailure, "9 puts"):
                self.run_of_rows.compare({name: failing(RowFailure("the sink has 9 puts"))})


if __name__ == "__main__":
    unittest.main()
