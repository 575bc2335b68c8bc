"""Single parts, measured inside a program of their own: Sources/Benchmarks."""

import json

from judge import flatness
from measure import RowFailure, Running
from row import Row, at_most


def inner(run, count, rounds=None):
    program = run.benchmarks()
    lines = []
    for _ in range(rounds or run.rounds):
        directory = run.place.fresh("inner")
        cost = Running(run.place, [program, directory, count]).end()
        if cost.status:
            raise RowFailure(f"Benchmarks ended with {cost.status}: {cost.output[-500:]}")
        lines += [json.loads(line) for line in cost.output.splitlines()]
    contenders, goals = {}, []
    for part in dict.fromkeys(line["part"] for line in lines):
        counts = sorted({line["count"] for line in lines if line["part"] == part})
        # A heap and a tree grow with the logarithm, and caches end somewhere. The least of the rounds: noise only adds.
        costs = [min(cost_of(line) for line in lines if line["part"] == part and line["count"] == n) for n in counts]
        contenders[part] = {f"CPU µs each, {n:,}": cost for n, cost in zip(counts, costs)}
        goals.append(at_most(f"dearest ÷ cheapest, {part}", flatness(costs), 1.5, quick=2.5))
    return {"contenders": contenders, "goals": goals, "left_out": {}, "rounds": rounds or run.rounds, "notes": []}


def cost_of(line):
    return line["cpu"] * 1e6 / line["count"]


rows = [Row("inner-parts", "single parts, an item each", inner, {"count": 100_000}, {"count": 20_000, "rounds": 3})]
