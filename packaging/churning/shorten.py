"""Finds a short sequence of operations that still fails."""

import time

from trial import Trial


def shortest(options, trial, wrong, keep):
    """Leaves out ever smaller pieces of the operations while what is left still fails, for as long as the options say.

    A failure may come by chance: each attempt is made twice before it counts as passed. `keep` is told of each sequence
    that fails.
    """
    end = time.monotonic() + options.shorten

    def fails(operations):
        for _ in range(2):
            if time.monotonic() > end:
                return False
            again = Trial(options, trial.mode, trial.seed, operations)
            found = again.run()
            if {kind for kind, _, _ in found} & {kind for kind, _, _ in wrong}:
                keep(operations)
                return True
        return False

    operations = trial.operations
    related = relatives(operations, {path for _, path, _ in wrong if path})
    if len(related) < len(operations) and fails(related):
        operations = related
    size = max(1, len(operations) // 2)
    while time.monotonic() < end:
        begin, shorter = 0, False
        while begin < len(operations):
            attempt = operations[:begin] + operations[begin + size :]
            if attempt and fails(attempt):
                operations, shorter = attempt, True
            else:
                begin += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return operations


def relatives(operations, paths):
    """The operations whose names have to do with these paths: with them, what lies above them, and what was moved to them.

    Rests and interruptions stay.
    """
    known = set(paths)
    for operation in reversed(operations):
        names = names_of(operation)
        if any(touches(name, path) for name in names for path in known):
            known |= names
    return [each for each in operations if not names_of(each) or any(touches(n, p) for n in names_of(each) for p in known)]


def names_of(operation):
    return {argument for argument in operation[1:] if isinstance(argument, str)}


def touches(name, path):
    return name == path or path.startswith(name + "/") or name.startswith(path + "/")
