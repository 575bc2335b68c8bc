"""What packaging/build-deb, build-tar and stage share: their options, and how they end."""

import argparse
import os
import re
import sys

import source
from source import Problem


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message}; see --help", file=sys.stderr)
        sys.exit(64)


class Command:
    def __init__(self, name, text):
        self.parser = Parser(
            prog=f"packaging/{name}", description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        add = self.parser.add_argument
        add("--binary", metavar="FILE", help="package this one; without it, the release is built")
        add("--version", help="the package's version; by default the source's, which grows with each commit")
        add("--output", metavar="DIR", default=f"{source.root}/.build-package", help="default: .build-package")

    def run(self, main):
        """Runs `main`, and prints the paths that it returns. A decorator, so that a script is its main function."""
        options = self.parser.parse_args()
        if options.version and not re.fullmatch(r"[0-9][0-9A-Za-z.+~]*", options.version):
            self.parser.error(f"{options.version} is no version")
        try:
            options.output = os.path.abspath(options.output)
            options.version, options.epoch = options.version or source.version(), source.epoch()
            os.makedirs(options.output, exist_ok=True)
            print("\n".join(main(options)))
        except (Problem, OSError) as problem:
            print(f"{self.parser.prog}: {problem}", file=sys.stderr)
            sys.exit(69)
