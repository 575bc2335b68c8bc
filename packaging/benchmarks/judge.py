"""Whether figures meet their goals. Values only, so that its tests need no machine."""

# What --quick asks for: a fourth of each goal. The machines of CI are small, shared and noisy.
slack = 4


def at_least(what, figure, bound, **more):
    return goal(what, figure, bound, "at least", **more)


def at_most(what, figure, bound, **more):
    return goal(what, figure, bound, "at most", **more)


def goal(what, figure, bound, sense, quick=None, absolute=False):
    """One goal of a row.

    `figure` is None if it could not be had. `quick` is the bound of the quick run; a fourth of `bound` without it.
    Without a `bound`, only the quick run judges. An absolute figure belongs to one machine: the quick run, which runs
    on any, does not judge it.
    """
    loose = quick if quick is not None else bound / slack if sense == "at least" else bound * slack
    return {
        "what": what,
        "figure": figure,
        "sense": sense,
        "bound": bound,
        "quick": None if absolute else loose,
    }


def verdict(goal, is_quick):
    """"met", "missed", or "not judged"."""
    bound = goal["quick"] if is_quick else goal["bound"]
    if bound is None or goal["figure"] is None:
        return "not judged"
    is_met = goal["figure"] >= bound if goal["sense"] == "at least" else goal["figure"] <= bound
    return "met" if is_met else "missed"


def number(value):
    """A figure for people, with three digits that count."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def misses(report):
    """A sentence for each thing in a report for which a run fails."""
    found = []
    for row in report["rows"]:
        if row.get("failed"):
            found.append(f"{row['name']}: {row['failed']}")
        for each in row.get("goals", []):
            if verdict(each, report["quick"]) == "missed":
                bound = each["quick"] if report["quick"] else each["bound"]
                figure, bound = number(each["figure"]), number(bound)
                found.append(f"{row['name']}: {each['what']} is {figure}, not {each['sense']} {bound}")
    return found


def unjudged(report):
    """A sentence for each thing that could not be compared."""
    found = []
    for row in report["rows"]:
        if row.get("missing"):
            found.append(f"{row['name']}: {row['missing']}")
        for name, why in row.get("left_out", {}).items():
            found.append(f"{row['name']}: without {name}: {why}")
    return found


def flatness(costs):
    """How much the dearest of several costs an item is above the cheapest: 1 is flat."""
    return max(costs) / min(costs)


def compared(report, baseline):
    """Each figure of Outtray over the same figure of the baseline: [(row, figure, ratio)]."""
    before = {row["name"]: row for row in baseline["rows"]}
    ratios = []
    for row in report["rows"]:
        old = before.get(row["name"], {}).get("contenders", {}).get("outtray", {})
        for figure, value in row.get("contenders", {}).get("outtray", {}).items():
            if value is not None and old.get(figure):
                ratios.append((row["name"], figure, value / old[figure]))
    return ratios
