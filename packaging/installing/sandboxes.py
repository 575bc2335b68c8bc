"""Compares what `outtray check --unit` says of a unit with what systemd really does, on a booted machine.

A probe runs in the very sandbox of outtray.service, and tries to read and to write each place. The package is installed, and
the machine has setfacl and a group `media`.
"""

import json

from machine import Failure

unit = "/etc/systemd/system/outtray.service.d/sandbox.conf"
probe = "/etc/systemd/system/probe.service"

# Places of each kind: in the root, in a home, in /tmp, behind a link, of a group, by a list, and shut.
places = [
    "/srv/s/in", "/srv/s/a/b", "/home/anna/in", "/tmp/sandbox-in", "/srv/s/link", "/srv/s/group", "/srv/s/list",
    "/srv/s/shut",
]  # fmt: skip
make = """
mkdir -p /srv/s/in /srv/s/a/b /home/anna/in /tmp/sandbox-in /srv/real/in /srv/s/group /srv/s/list /srv/s/shut
ln -s /srv/real/in /srv/s/link
chmod 777 /srv/s/in /srv/s/a/b /home/anna/in /tmp/sandbox-in /srv/real/in
chgrp media /srv/s/group && chmod 2775 /srv/s/group
chmod 700 /srv/s/list /srv/s/shut && setfacl --modify user:outtray:rwx,mask::r-x /srv/s/list
"""
sandboxes = [
    [],
    ["ProtectHome=yes"],
    ["ProtectHome=tmpfs", "ReadWritePaths=-/srv/s/in"],
    ["ProtectHome=no"],
    ["ProtectSystem=full"],
    ["ProtectSystem=no", "PrivateTmp=no", "ProtectHome=no"],
    ["DynamicUser=yes", "User=outtray-dynamic", "Group=outtray-dynamic"],
    ["DynamicUser=yes", "User=outtray-dynamic", "Group=outtray-dynamic", "SupplementaryGroups=media", "ReadWritePaths=/srv"],
    ["InaccessiblePaths=/srv/s/a", "ReadWritePaths=/srv", "ReadWritePaths=/srv/s/a/b"],
    ["ReadWritePaths=/srv", "ReadOnlyPaths=/srv/s/a"],
    ["TemporaryFileSystem=/srv/s", "BindPaths=/srv/s/in", "BindReadOnlyPaths=/srv/s/a"],
    ["ReadWritePaths=/srv/s/link", "BindPaths=/tmp/sandbox-in"],
    ["BindPaths=/srv/real/in:/srv/s/in", "SupplementaryGroups=media", "ReadWritePaths=/srv/s/group /srv/s/list"],
    ["User=", "Group=", "ReadWritePaths=/"],
    ["User=", "Group=", "ReadWritePaths=/", "CapabilityBoundingSet=CAP_DAC_OVERRIDE"],
]


def compare(machine):
    """Raises Failure where they differ. Returns how often they were compared. Leaves the machine as it was."""
    machine.run(make + "".join(f"touch {place}/mark; chmod 644 {place}/mark\n" for place in places))
    script = "".join(
        f"r=-; w=-; [ -e {place}/mark ] && r=r; [ $r = r ] && touch {place}/w 2>/dev/null && rm {place}/w && w=w\n"
        f"echo {place} $r$w\n"
        for place in places
    )
    machine.run(f"cat >/srv/probe.sh <<'E'\n{script}E\n")
    try:
        return sum(compare_one(machine, lines) for lines in sandboxes)
    finally:
        machine.run(f"rm -rf {unit} {probe} /srv/probe.* /srv/s /srv/real /home/anna /tmp/sandbox-in; systemctl daemon-reload")


def compare_one(machine, lines):
    text = "\n".join(["[Service]", *lines])
    machine.run(f"mkdir -p $(dirname {unit}); cat >{unit} <<'E'\n{text}\nE\nsystemctl daemon-reload")
    said = {letter: verdicts(machine, rest) for letter, rest in (("r", ""), ("w", ", after_upload: delete"))}
    # The same unit with another program. The state directory stays the service's.
    change = r"s#^ExecStart=.*#ExecStart=/bin/sh /srv/probe.sh#; s#^Type=.*#Type=oneshot\nStandardOutput=truncate:/srv/probe.out#"
    drop = "ExecReload|Restart|WatchdogSec|NotifyAccess|StateDirectory|RuntimeDirectory|LoadCredential"
    machine.run(
        f"systemctl cat outtray.service | sed '{change}' | grep -Ev '^({drop})' >{probe}; systemctl daemon-reload\n"
        "rm -f /srv/probe.out; systemctl start probe.service"
    )
    found = dict(row.split() for row in machine.run("cat /srv/probe.out").splitlines())
    if set(found) != set(places):
        raise Failure(f"{lines}: the probe told {found}")
    for place in places:
        for letter in "rw":
            if said[letter][place] != (letter in found[place]):
                raise Failure(f"{lines}: {place} is {found[place]}, and the check says {letter}: {said[letter][place]}")
    return 2 * len(places)


def verdicts(machine, rest):
    """What the check says of each place: whether the service can use it."""
    folders = "".join(f"  f{number}: {{path: {place}, account: a{rest}}}\n" for number, place in enumerate(places))
    text = f"state_dir: /var/lib/outtray\naccounts: {{a: {{provider: sandbox}}}}\nfolders:\n{folders}"
    machine.run(f"cat >/srv/probe.yaml <<'E'\n{text}E\n")
    said = json.loads(machine.run("outtray check --unit --json --config /srv/probe.yaml", expected=None))
    found = {check["subject"]: check["ok"] for check in said["checks"] if check["name"] == "folder"}
    return {place: found[f"f{number}"] for number, place in enumerate(places)}
