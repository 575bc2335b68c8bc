"""Whether a file costs the same among a hundred times as many files: to upload, and once it is known."""

import os

from judge import flatness
from row import Row, at_most
from rows.small import synced

least_known = 10_000
kinds = {
    "equal sizes, one directory": (False, False),
    "equal sizes, many directories": (False, True),
    "different sizes, one directory": (True, False),
    "different sizes, many directories": (True, True),
}


def growth(run, counts, quick_bound, kinds=tuple(kinds), rounds=None):
    goals, contenders = [], {}
    for kind in kinds:
        costs = {}
        for name in run.outtrays(folder="/nowhere"):
            costs[name] = [cost_of_a_file(run, name, kind, count, rounds or run.rounds) for count in counts]
            told = contenders.setdefault(f"{name}: {kind}", {})
            for count, (upload, known) in zip(counts, costs[name]):
                told[f"ms a file, {count:,}"] = upload
                if count >= least_known:
                    told[f"µs a known file, {count:,}"] = known * 1000
        uploads = [upload for upload, _ in costs["outtray"]]
        goals.append(at_most(f"dearest ÷ cheapest upload, {kind}", flatness(uploads), 1.2, quick=quick_bound))
        # A pass over fewer known files costs hardly more than one over none.
        known = [known for count, (_, known) in zip(counts, costs["outtray"]) if count >= least_known]
        if len(known) > 1:
            goals.append(at_most(f"dearest ÷ cheapest known file, {kind}", flatness(known), 1.2, quick=quick_bound))
    return {"contenders": contenders, "goals": goals, "left_out": {}, "rounds": rounds or run.rounds, "notes": []}


def cost_of_a_file(run, name, kind, count, rounds):
    """What a file costs to upload, and as a known one, in ms of CPU.

    What a pass over an empty folder costs is taken off. The least of the rounds counts: noise only adds.
    """
    differ, spread = globals()["kinds"][kind]
    root = run.place.fresh("growing")
    sizes = [1000 + number if differ else 6000 for number in range(count)]
    empty = run.outtrays(folder=root)[name]
    fixed = min(empty.sync(uploaded=0).cpu for _ in range(rounds))
    run.place.write_documents(root, sizes)
    if spread:
        for number in range(count):
            directory = os.path.join(root, f"{number // 10:06d}")
            os.makedirs(directory, exist_ok=True)
            file = f"{number:07d}.pdf"
            os.rename(os.path.join(root, file), os.path.join(directory, file))
    run.place.settle_disk()
    each = run.outtrays(folder=root)[name]
    uploads, passes = [], []
    for _ in range(rounds):
        uploads.append(synced(run, each, count, sum(sizes))["CPU s"])
        passes.append(each.sync(uploaded=0, known=count).cpu)
    return [(min(costs) - fixed) * 1000 / count for costs in (uploads, passes)]


rows = [
    Row(
        "growth",
        "CPU a file as the number of files grows",
        growth,
        {"counts": [1000, 10_000, 100_000], "quick_bound": None, "rounds": 2},
        {
            "counts": [300, 3000],
            "quick_bound": 3,
            "kinds": ("equal sizes, one directory", "different sizes, many directories"),
            "rounds": 1,
        },
    )
]
