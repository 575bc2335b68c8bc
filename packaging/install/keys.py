"""The keys of the configuration, as the tables of docs/configuration.md and docs/hooks.md have them.

A table of keys has the columns key, type, default and meaning. The line above it names what the keys belong to, such as
`accounts.NAME.…`. A Swift test (ConfigurationKeysTests) compares these tables with the code and with etc/outtray.yaml.
"""

import re
from typing import NamedTuple

from source import Problem, read

header = "| key | type | default | meaning |"


class Key(NamedTuple):
    name: str
    type: str
    default: str
    meaning: str


class Table(NamedTuple):
    title: str
    keys: list


def tables():
    """All tables, in the order of the pages. The keys have their whole names."""
    found = []
    for page, prefix, title in (
        ("docs/configuration.md", "", "At the top level"),
        ("docs/hooks.md", "", "Of each hook, in the list on_uploaded and the others"),
    ):
        rows = read(page).splitlines()
        for number, row in enumerate(rows):
            if said := re.fullmatch(r"(.*), `([A-Za-z.]+)…`:", row):
                title, prefix = said.group(1).replace("`", ""), said.group(2)
            if row == header:
                keys = []
                for line in rows[number + 2 :]:
                    if not line.startswith("|"):
                        break
                    keys += keys_of(line, prefix, page)
                found.append(Table(title, keys))
    if len(found) < 2:
        raise Problem(f"docs/configuration.md has no tables that begin {header}")
    return found


def keys_of(line, prefix, page):
    cells = [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split(" | ")]
    names = re.findall(r"`([^`]+)`", cells[0])
    if len(cells) != 4 or not names or not all(cells):
        raise Problem(f"{page}: this row has not a key, a type, a default and a meaning: {line}")
    return [Key(prefix + name, cells[1], cells[2], cells[3]) for name in names]
