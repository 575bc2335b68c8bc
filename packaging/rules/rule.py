"""What a rule of the fleet's protocol is here: a text of the sources, and the text without the rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """A text that stands once in a file of Sources, and what stands there without the rule."""

    file: str
    text: str
    without: str


@dataclass(frozen=True)
class Rule:
    """`of`: the number of the rule, or the promise that it serves. `tests`: suites, or single tests by the beginning of
    their names (`FleetTests.HostRollTests/of two`); `scenario`: what packaging/fleet is given. One of them has to fail
    without the rule. `unshown`: why nothing shows the rule. Then it is told, and not tried."""

    name: str
    of: str
    says: str
    edits: tuple
    tests: tuple = ()
    scenario: tuple = ()
    unshown: str = ""


def rule(name, of, says, file, text, without, tests=(), more=(), **others):
    """A rule with one edit; `more`: further ones, each a file, a text and what stands there without the rule."""
    tests = (tests,) if isinstance(tests, str) else tests
    return Rule(name, of, says, (Edit(file, text, without), *(Edit(*edit) for edit in more)), tests, **others)
