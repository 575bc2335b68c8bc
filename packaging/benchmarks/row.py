"""What a row is: the contenders, their rounds in turn, the figures, and the goals."""

import dataclasses
import sys

from judge import at_least, at_most, goal  # noqa: F401  (rows take them from here)
from measure import Missing, RowFailure, median


@dataclasses.dataclass
class Row:
    """One row of the table.

    `measure` is called with the run and with the sizes of the full or of the quick run. Without sizes, the quick run
    leaves the row out.
    """

    name: str
    title: str
    measure: object
    full: dict
    quick: dict | None


@dataclasses.dataclass
class Run:
    """What all rows share."""

    place: object
    sink: object
    peers: object
    rounds: int
    benchmarks: object  # builds Sources/Benchmarks, and returns the path of the program
    log: object = sys.stderr

    def outtrays(self, sink=None, folder=None, **settings):
        """Outtray, and the other binaries of it that were named with --beside: {name: contender}."""
        binaries = {"outtray": self.place.outtray, **self.place.rivals}
        return {name: service(self.place, path, sink or self.sink, folder, settings) for name, path in binaries.items()}

    def compare(self, contenders, rounds=None):
        """Runs each contender once a round, in turn, in the other order every second round.

        `contenders` are {name: function that returns figures}. The result is a Comparison. Outtray's failure fails the
        row; a peer's failure leaves out the peer and says why.
        """
        found, left_out = {name: [] for name in contenders}, {}
        for number in range(rounds or self.rounds):
            for name in list(contenders)[:: 1 if number % 2 == 0 else -1]:
                if name in left_out:
                    continue
                try:
                    found[name].append(contenders[name]())
                except (Missing, RowFailure) as error:
                    if name.startswith("outtray"):
                        raise
                    left_out[name] = str(error)
                    print(f"  {name} is left out: {error}", file=self.log)
        return Comparison({name: figures for name, figures in found.items() if name not in left_out}, left_out)


def service(place, binary, sink, folder, settings):
    from service import Outtray

    return Outtray(place, binary, sink, folder, **settings)


class Comparison:
    """The figures of all contenders, round by round."""

    def __init__(self, rounds, left_out):
        self.rounds = rounds
        self.left_out = left_out

    def of(self, name, figure):
        """The median of a figure; None if the contender was left out."""
        values = [figures[figure] for figures in self.rounds.get(name, []) if figure in figures]
        return median(values) if values else None

    def ratio(self, figure, name, other):
        """The median of one contender over that of another; None if one of them was left out."""
        mine, theirs = self.of(name, figure), self.of(other, figure)
        return mine / theirs if mine is not None and theirs else None

    def result(self, goals, notes=()):
        contenders = {
            name: {figure: self.of(name, figure) for figure in figures[0]} for name, figures in self.rounds.items()
        }
        return {
            "contenders": contenders,
            "rounds": max(len(figures) for figures in self.rounds.values()),
            "left_out": self.left_out,
            "goals": goals,
            "notes": list(notes),
        }


def figures(cost, count, sink=None, wall=None, unit="files"):
    """The figures of one run of a contender: what it cost, and what the sink cost beside it."""
    wall = cost.wall if wall is None else wall
    told = {"wall s": wall, "CPU s": cost.cpu, "peak MiB": cost.peak}
    if count:
        told[f"{unit}/s"] = count / wall
        told[f"CPU ms a {unit.rstrip('s')}"] = cost.cpu * 1000 / count
    if sink:
        # Of one core: at 1, the sink is what holds all up.
        told["sink's CPU ÷ wall"] = sink["cpu_seconds"] / wall
    return told
