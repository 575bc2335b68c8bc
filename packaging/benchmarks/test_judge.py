"""The rules by which packaging/bench judges: `python3 -m unittest discover packaging/benchmarks`."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from judge import at_least, at_most, compared, flatness, misses, unjudged, verdict  # noqa: E402

bench = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench")


def report(*rows, quick=False):
    return {"quick": quick, "rows": [{"name": "row", **row} for row in rows]}


class JudgeTests(unittest.TestCase):
    def test_a_goal_is_met_up_to_its_bound(self):
        for goal in (at_least("x", 8, 8), at_least("x", 9, 8), at_most("x", 8, 8), at_most("x", 7, 8)):
            self.assertEqual(verdict(goal, is_quick=False), "met")
        for goal in (at_least("x", 7.9, 8), at_most("x", 8.1, 8)):
            self.assertEqual(verdict(goal, is_quick=False), "missed")

    def test_the_quick_run_asks_for_a_fourth(self):
        for goal in (at_least("x", 2, 8), at_most("x", 3.2, 0.8)):
            self.assertEqual(verdict(goal, is_quick=True), "met")
            self.assertEqual(verdict(goal, is_quick=False), "missed")
        for goal in (at_least("x", 1.9, 8), at_most("x", 3.3, 0.8)):
            self.assertEqual(verdict(goal, is_quick=True), "missed")

    def test_the_quick_run_has_its_own_bound_where_one_is_given(self):
        self.assertEqual(verdict(at_most("growth", 1.7, 1.2, quick=1.6), is_quick=True), "missed")
        self.assertEqual(verdict(at_most("growth", 1.5, 1.2, quick=1.6), is_quick=True), "met")

    def test_the_quick_run_judges_no_figure_that_belongs_to_one_machine(self):
        goal = at_least("files a second", 1, 3000, absolute=True)
        self.assertEqual(verdict(goal, is_quick=True), "not judged")
        self.assertEqual(verdict(goal, is_quick=False), "missed")

    def test_a_goal_of_the_quick_run_alone_is_judged_there_alone(self):
        goal = at_most("CPU ÷ find", 41, None, quick=40)
        self.assertEqual(verdict(goal, is_quick=True), "missed")
        self.assertEqual(verdict(goal, is_quick=False), "not judged")

    def test_a_figure_that_could_not_be_had_is_not_judged_but_told(self):
        row = {"goals": [at_least("× peer", None, 8)], "left_out": {"peer": "rclone is not installed"}}
        self.assertEqual(misses(report(row)), [])
        self.assertEqual(unjudged(report(row)), ["row: without peer: rclone is not installed"])

    def test_a_failed_row_is_a_miss_and_no_number(self):
        self.assertEqual(misses(report({"failed": "the sink has 9 puts"})), ["row: the sink has 9 puts"])

    def test_a_row_that_lacks_something_is_told(self):
        self.assertEqual(unjudged(report({"missing": "no C compiler"})), ["row: no C compiler"])

    def test_figures_are_told_for_people(self):
        row = {"goals": [at_least("files a second", 1234.5, 3000), at_most("CPU a file, ms", 1.4321, 0.55)]}
        self.assertEqual(
            misses(report(row)),
            [
                "row: files a second is 1,234, not at least 3,000",
                "row: CPU a file, ms is 1.43, not at most 0.55",
            ],
        )

    def test_growth_is_the_dearest_over_the_cheapest(self):
        self.assertEqual(flatness([2, 3, 2.5]), 1.5)

    def test_a_baseline_is_compared_figure_by_figure(self):
        now = report({"contenders": {"outtray": {"wall s": 1, "CPU s": None, "new": 1}, "curl": {"wall s": 5}}})
        before = report({"contenders": {"outtray": {"wall s": 4, "CPU s": 2}}})
        self.assertEqual(compared(now, before), [("row", "wall s", 0.25)])

    def test_bench_ends_by_the_verdict(self):
        for figure, status in ((8, 0), (7, 1)):
            row = {"goals": [at_least("× peer", figure, 8)], "left_out": {}}
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(report(row), file)
                file.flush()
                done = subprocess.run([sys.executable, bench, "--judge", file.name], capture_output=True, text=True)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertEqual("MISSED  row: × peer is 7, not at least 8" in done.stderr, status == 1)


if __name__ == "__main__":
    unittest.main()
