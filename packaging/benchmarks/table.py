"""A report as text: one table a row of the run."""

from judge import compared, misses, number, unjudged, verdict

marks = {"met": "✔", "missed": "✘", "not judged": "·"}


def head(report):
    """When, where and beside what it was measured."""
    peers = ", ".join(f"{name} {version}" for name, version in report["peers"].items())
    return f"{report['date']}, {report['machine']}\nOuttray {report['version']}: {report['command']}\nbeside {peers}\n"


def row_text(row, is_quick):
    sizes = [f"{name} {size:,}" for name, size in row["sizes"].items() if isinstance(size, int) and name != "rounds"]
    sizes.append(f"rounds {row.get('rounds', 0)}")
    lines = [f"{row['name']}: {row['title']} ({', '.join(sizes)})"]
    if row.get("failed"):
        return [*lines, f"  FAILED: {row['failed']}", ""]
    if row.get("missing"):
        return [*lines, f"  NOT RUN: {row['missing']}", ""]
    contenders = row["contenders"]
    heads = list(dict.fromkeys(figure for figures in contenders.values() for figure in figures))
    grid = [["", *heads]]
    grid += [[name, *(number(figures.get(head)) for head in heads)] for name, figures in contenders.items()]
    widths = [max(len(line[column]) for line in grid) for column in range(len(grid[0]))]
    for line in grid:
        cells = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        lines.append("  " + "  ".join(cells).rstrip())
    for each in row["goals"]:
        bound = each["quick"] if is_quick and each["quick"] is not None else each["bound"]
        if bound is None:
            continue
        lines.append(
            f"  {marks[verdict(each, is_quick)]} {each['what']}: {number(each['figure'])}, "
            f"goal {each['sense']} {number(bound)}"
        )
    lines += [f"  without {name}: {why}" for name, why in row["left_out"].items()]
    return [*lines, ""]


def markdown(report):
    """The goals of all rows as one table, for docs/performance.md."""
    lines = [head(report), "| row | what | figure | goal | |", "|---|---|---|---|---|"]
    for row in report["rows"]:
        for each in row.get("goals", []):
            if each["bound"] is None:
                continue
            lines.append(
                f"| {row['name']} | {each['what']} | {number(each['figure'])} | {each['sense']} "
                f"{number(each['bound'])} | {verdict(each, False)} |"
            )
    return "\n".join(lines)


def comparison(report, baseline):
    lines = [f"beside {baseline['date']}, Outtray {baseline['version']}:"]
    for row, figure, ratio in compared(report, baseline):
        lines.append(f"  {row}, {figure}: × {ratio:.2f}")
    return "\n".join(lines)


def ending(report):
    """What a person has to know at the end: what was missed, and what could not be compared."""
    lines = [f"NOT COMPARED  {sentence}" for sentence in unjudged(report)]
    lines += [f"MISSED  {sentence}" for sentence in misses(report)]
    return "\n".join(lines)
