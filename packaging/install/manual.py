"""Makes the manual pages that are not written by hand.

`outtray-COMMAND.1` comes from the command's own help, `outtray.yaml.5` from the tables of docs/configuration.md. etc/outtray.1
is the front page.
"""

import datetime
import json
import re
import subprocess

from keys import tables
from source import Problem, read, root

# The commands that have a page. By hand, so that the list of what is installed needs no binary; command_page() compares.
commands = [
    "check", "demo", "fleet", "forget", "manifest", "page", "pause", "push", "reload", "rescan", "resume", "retry",
    "run", "sandbox", "setup", "status", "sync", "wait", "why",
]  # fmt: skip


def command_page(binary, name, epoch):
    """The page of a command, in mdoc(7)."""
    help = asked(binary)
    found = {command["commandName"]: command for command in help["subcommands"]}
    if missing := sorted({*found} - {"help"} ^ {*commands}):
        raise Problem(f"packaging/install/manual.py and {binary} differ in the commands {', '.join(missing)}")
    command = found[name]
    page = head(f"outtray-{name}", 1, command["abstract"], epoch)
    page += [".Sh SYNOPSIS", *synopsis(f"outtray {name}", command)]
    page += [".Sh DESCRIPTION", *paragraphs(command.get("discussion") or command["abstract"])]
    page += options(command)
    for part in command.get("subcommands", []):
        if part["commandName"] == "help":
            continue
        page += [f".Sh {part['commandName'].upper()}", *marked(part["abstract"]), ".Pp"]
        page += paragraphs(part.get("discussion") or "")
        page += options(part, section=False)
    page += [".Sh SEE ALSO", ".Xr outtray 1 ,", ".Xr outtray.yaml 5"]
    return text(page)


def configuration_page(epoch):
    """outtray.yaml(5): all keys, in the order of docs/configuration.md."""
    page = head("outtray.yaml", 5, "configuration of outtray", epoch)
    page += [".Sh DESCRIPTION"]
    page += paragraphs(
        "The file is YAML. `outtray` takes the one that --config names, else `/etc/outtray/outtray.yaml`, else"
        " `~/.config/outtray/outtray.yaml`. An unknown key, a wrong value and a contradiction are errors, with line,"
        " column and key. `outtray check` shows all of them; nothing starts while there is one.\n\n"
        "The values are written as follows:"
    )
    page += [".Bl -tag -width Ds"]
    for kind, how in values():
        page += [f".It {escaped(kind.replace('`', ''))}", *marked(how)]
    page += [".El", ".Sh KEYS"]
    for table in tables():
        page += [f".Ss \\&{escaped(table.title)}", ".Bl -tag -width Ds"]
        for key in table.keys:
            page += [f".It Cm {escaped(key.name)}"]
            default = "required" if key.default == "required" else f"default: {key.default}"
            meaning = plain(key.meaning).rstrip(".")
            page += marked(f"{key.type}; {default}. {meaning[0].upper()}{meaning[1:]}.")
        page += [".El"]
    page += [
        ".Sh FILES", ".Bl -tag -width Ds", ".It Pa /usr/share/outtray/outtray.yaml",
        "A configuration with every key and its explanation.",
        ".It Pa /usr/share/doc/outtray/docs/configuration.md", "All of this at length.", ".El",
        ".Sh SEE ALSO", ".Xr outtray 1 ,", ".Xr outtray-check 1",
    ]  # fmt: skip
    return text(page)


def asked(binary):
    """What the binary says of its commands (Swift ArgumentParser's tool info, version 0)."""
    said = subprocess.run([binary, "--experimental-dump-help"], capture_output=True, check=True).stdout
    help = json.loads(said)
    if help["serializationVersion"] != 0:
        raise Problem(f"{binary} tells its help in version {help['serializationVersion']}; manual.py knows 0")
    return help["command"]


def values():
    """Kinds of values and how each is written: the first table of docs/configuration.md."""
    section = read("docs/configuration.md").partition("\n## How values are written\n")[2].partition("\n## ")[0]
    rows = [row.strip("|").split(" | ") for row in section.splitlines() if row.startswith("| ")]
    return [(row[0].strip(), row[1].strip()) for row in rows[1:]]


def head(name, section, sentence, epoch):
    date = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    first, rest = sentence[0], sentence[1:].rstrip(".")
    title = f".Dt {name.upper()} {section}"
    return [f".Dd {date:%B} {date.day}, {date.year}", title, ".Os", ".Sh NAME", f".Nm {name}",
            f".Nd {escaped(first.lower() + rest)}"]  # fmt: skip


def synopsis(name, command):
    lines = []
    parts = [part for part in command.get("subcommands", []) if part["commandName"] != "help"]
    for part in parts or [command]:
        whole = f"{name} {part['commandName']}" if parts else name
        lines += [".Nm " + whole.split(" ")[0], ".Cm " + " ".join(whole.split(" ")[1:])]
        for argument in shown(part):
            spelled = spelling(argument)
            if argument["kind"] == "positional":
                spelled = f"Ar {escaped(argument['valueName'])}"
                spelled += " ..." if argument["isRepeating"] else ""
            lines.append(f".Op {spelled}" if argument["isOptional"] else f".{spelled}")
    return lines


def shown(command):
    """The arguments of a command, without --help and --version, which each has. --start and --no-start are one."""
    arguments = [
        argument
        for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and argument.get("valueName") not in ("help", "version")
    ]
    names = {long_name(argument) for argument in arguments if argument["kind"] == "flag"} - {None}
    inverses = {f"no-{name}" for name in names} & names
    return [
        {**argument, "isInverted": f"no-{long_name(argument)}" in inverses}
        for argument in arguments
        if long_name(argument) not in inverses
    ]


def long_name(argument):
    name = argument.get("preferredName") or {}
    return name.get("name") if name.get("kind") == "long" else None


def may_stand_alone(argument):
    """Whether an option works without its value. Of such options alone, Swift ArgumentParser says that it looks for one."""
    return argument["kind"] == "option" and argument.get("parsingStrategy") == "scanningForValue"


def spelling(argument):
    """An option in mdoc(7): Fl -config Ar file."""
    name = argument.get("preferredName")
    if not name:
        return f"Ar {escaped(argument['valueName'])}"
    dashes = "-" * (name["kind"] == "long") + "[no-]" * argument.get("isInverted", False)
    flag = f"Fl {escaped(dashes + name['name'])}"
    if argument["kind"] == "flag":
        return flag
    return f"{flag}{' Op' * may_stand_alone(argument)} Ar {escaped(argument['valueName'])}"


def options(command, section=True):
    arguments = shown(command)
    if not arguments:
        return []
    lines = [".Sh OPTIONS"] if section else []
    lines += [".Bl -tag -width Ds"]
    for argument in arguments:
        lines += [f".It {spelling(argument)}", *marked(argument.get("abstract", ""))]
        if argument.get("discussion"):
            lines += marked(argument["discussion"])
        value = argument.get("defaultValue")
        if value and argument["kind"] != "flag":
            without = f"Without {argument['valueName']}" if may_stand_alone(argument) else "Default"
            lines += marked(f"{without}: `{value}`.")
    return lines + [".El"]


def paragraphs(said):
    """Paragraphs of a help text. Lines that are indented stay as they are."""
    lines = []
    for number, part in enumerate(said.strip("\n").split("\n\n")):
        is_example = False
        if number and not part.startswith("  "):
            lines.append(".Pp")
        for row in part.split("\n"):
            if row.startswith("  ") != is_example:
                is_example = not is_example
                lines.append(".Bd -literal -offset indent" if is_example else ".Ed")
            lines += [line(row.removeprefix("  "))] if is_example else marked(row)
        if is_example:
            lines.append(".Ed")
    return lines


def plain(markdown):
    """Without links and emphasis. `code` stays marked."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown).replace("**", "").replace("\\|", "|").strip()


def marked(markdown):
    """Markdown within one paragraph: `code` becomes bold, a link its text. Each sentence begins a line, as in mdoc(7)."""
    lines = []
    for sentence in re.split(r"(?<=[^.][.:?!]) (?=\S)", plain(markdown)):
        pieces = re.split(r"`([^`]*)`", sentence)
        parts = [
            f"\\fB{escaped(piece)}\\fR" if number % 2 else escaped(piece) for number, piece in enumerate(pieces) if piece
        ]
        row = ""
        for word in "".join(parts).split(" "):
            if row and len(f"{row} {word}".encode()) > 78:
                lines.append(line(row, is_escaped=True))
                row = ""
            row = f"{row} {word}" if row else word
        lines.append(line(row, is_escaped=True))
    return [row for row in lines if row]


def line(said, is_escaped=False):
    """A line of text. No word of it is taken for a macro."""
    row = said if is_escaped else escaped(said)
    return "\\&" + row if row.startswith((".", "'")) else row


def escaped(said):
    return said.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("…", "\\&...").replace("`", "\\(ga")


def text(lines):
    return ("\n".join(row for row in lines if row) + "\n").encode()
