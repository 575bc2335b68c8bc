"""What a commit must be to become a release. Rules change nothing, and refuse with a sentence that says what to do."""

import re

from source import Problem, git, read, release


class Refusal(Exception):
    """Why this commit does not become the release."""


def check(version, today):
    """Applies all rules. Returns the commit, and whether it has the tag already, as after a run that was whole."""
    if not re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", version):
        raise Refusal(f"{version} is no version: three numbers, such as 0.2.0")
    if (branch := git("rev-parse", "--abbrev-ref", "HEAD")) != "main":
        raise Refusal(f"this is {'no branch' if branch == 'HEAD' else branch}: releases are made of main")
    if changes := git("status", "--porcelain").splitlines():
        raise Refusal(f"the tree is not clean, as {changes[0].strip()}: commit or remove what git status shows")
    if (said := release()) != version:
        raise Refusal(f"Sources/outtray/Output/Release.swift says {said}, not {version}: change it, and commit")
    try:
        git("var", "GIT_COMMITTER_IDENT")
    except Problem:
        raise Refusal("git does not know who makes the tag: git config user.name, and user.email") from None
    commit = git("rev-parse", "HEAD")
    has_tag = has_tag_already(version, commit)
    # On a later day, the same release is still the one of its day.
    changes_of(version, None if has_tag else today)
    return commit, has_tag


def has_tag_already(version, commit):
    """A tag that marks another commit stays: who has fetched it keeps it."""
    found = git("for-each-ref", "--format=%(objecttype) %(*objectname)", f"refs/tags/v{version}")
    if not found:
        return False
    kind, _, marked = found.partition(" ")
    if kind != "tag":
        raise Refusal(f"v{version} is there, and no annotated tag: git tag --delete v{version}, if nobody has it")
    if marked != commit:
        raise Refusal(f"v{version} marks {marked[:12]} already, not this commit: a new release needs a new number")
    return True


def changes_of(version, today=None):
    """The text of the version's section in CHANGELOG.md. With `today`, its date must be that."""
    sections = re.findall(r"^## (.*)\n((?:(?!## ).*(?:\n|\Z))*)", read("CHANGELOG.md"), re.MULTILINE)
    named = {re.match(r"\[?([^\s\]]*)", heading).group(1): (heading, text.strip()) for heading, text in sections}
    wanted = f"## {version} - {today or 'DATE'}"
    if version not in named:
        raise Refusal(f"CHANGELOG.md has no section {wanted}: give what stands under Unreleased that heading")
    if named.get("Unreleased", ("", ""))[1]:
        raise Refusal(f"CHANGELOG.md has changes under Unreleased, and {version} has them, too: move them to {wanted}")
    heading, text = named[version]
    if not any(line and not line.startswith("#") for line in text.splitlines()):
        raise Refusal(f"CHANGELOG.md says nothing under ## {heading}: what do users notice?")
    if today and heading.replace("[", "").replace("]", "") != f"{version} - {today}":
        raise Refusal(f"CHANGELOG.md has ## {heading}, and today it must be {wanted}")
    return text
