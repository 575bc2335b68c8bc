"""A tree of the sources, whose texts are changed for a while and put back whatever comes."""

import os
import subprocess


class Tree:
    """Puts back what it changed when the `with` ends."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.before = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.restore()

    def path(self, file):
        return os.path.join(self.root, "Sources", file)

    def read(self, file):
        with open(self.path(file), encoding="utf-8") as source:
            return source.read()

    def faults(self, rules):
        """What is wrong with the rules' texts, in words."""
        found = []
        for rule in rules:
            for edit in rule.edits:
                if not os.path.isfile(self.path(edit.file)):
                    found.append(f"{rule.name}: there is no Sources/{edit.file}")
                elif (count := self.read(edit.file).count(edit.text)) != 1:
                    place = f"Sources/{edit.file}: {first_line(edit)}"
                    found.append(f"{rule.name}: its text stands {count} times in {place}")
                if edit.text == edit.without:
                    found.append(f"{rule.name}: its text takes nothing out of Sources/{edit.file}")
            if not rule.unshown and not (rule.tests or rule.scenario):
                found.append(f"{rule.name}: no test is named, and no reason why")
        names = [rule.name for rule in rules]
        return found + [f"{name} stands twice" for name in sorted({name for name in names if names.count(name) > 1})]

    def changes(self):
        """What Git tells of files that differ from the last commit; others than its own count for nothing."""
        command = ["git", "-C", self.root, "status", "--porcelain", "--untracked-files=no"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def take_out(self, rule):
        for edit in rule.edits:
            self.write(self.path(edit.file), lambda text, edit=edit: text.replace(edit.text, edit.without))

    def leave_out_targets(self, kept, programs):
        """Builds no test target but those that are kept, and no program if `programs` is false. A build then takes a
        fraction of the time."""
        names = ", ".join(f'"{name}"' for name in sorted(kept))
        lines = f"\nlet kept: Set<String> = [{names}]\n"
        lines += "package.targets.removeAll { $0.type == .test && !kept.contains($0.name) }\n"
        if not programs:
            lines += "package.products = []\npackage.targets.removeAll { $0.type == .executable }\n"
        self.write(os.path.join(self.root, "Package.swift"), lambda text: text + lines)

    def write(self, path, change):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.before.setdefault(path, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(change(text))

    def restore(self, beside=()):
        """Puts all back but the files that are named."""
        for path in [path for path in self.before if path not in beside]:
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.before[path])
            del self.before[path]


def first_line(edit):
    return repr(edit.text.strip().partition("\n")[0])
