"""The one list of what is installed where. Each package is made from it; packaging/check-files compares them with it."""

from typing import NamedTuple

from manual import commands

every = ("deb", "rpm", "tar", "docker")
machine = ("deb", "rpm", "tar")  # all but a container, which has neither systemd nor shells nor manual


class File(NamedTuple):
    """One file. `source` is a path in the repository, or the name of a part that stage.py makes."""

    source: str
    target: str
    packages: tuple = every
    mode: int = 0o644
    # A file that a person changes: an upgrade keeps it.
    is_configuration: bool = False


class Link(NamedTuple):
    """A symbolic link, relative."""

    target: str
    leads_to: str
    packages: tuple = machine


# Parts that stage.py makes. All others are copied, and gzipped where the target ends in .gz and the source does not.
binary = "made:binary"
completion = {shell: f"made:completion-{shell}" for shell in ("bash", "zsh", "fish")}
debian_changelog = "made:debian-changelog"
command_page = {command: f"made:page-{command}" for command in commands}
configuration_page = "made:configuration-page"

documentation = "/usr/share/doc/outtray"
data = "/usr/share/outtray"

pages = [
    "architecture.md",
    "configuration.md",
    "fleet.md",
    "hooks.md",
    "install.md",
    "manifest.md",
    "operating.md",
    "page.md",
    "page.png",
    "performance.md",
    "promises.md",
    "providers.md",
    "recipes.md",
    "sandbox.md",
    "troubleshooting.md",
]

# Drop-ins for the system's unit.
examples = [
    "other-users-files.conf",
    "home.conf",
    "hooks.conf",
    "dynamic-user.conf",
    "no-hooks.conf",
    "write-folders.conf",
]

# What docs/recipes.md quotes. Not executable: what has an interpreter in its first line would be a dependency of the RPM.
recipes = [
    "card-import.service",
    "card-import.sh",
    "card.rules",
    "card.yaml",
    "compose-outtray.yaml",
    "compose.yaml",
    "ftp.conf",
    "ftp.yaml",
    "media-card.mount",
    "on-ready.sh",
    "poll.py",
    "post.mjs",
    "post.py",
    "post.sh",
    "smb.conf",
    "smb.yaml",
]

files = [
    File(binary, "/usr/bin/outtray", mode=0o755),
    File("etc/outtray.yaml", "/etc/outtray/outtray.yaml", is_configuration=True),
    File("etc/outtray.service", "/usr/lib/systemd/system/outtray.service", machine),
    File("etc/user/outtray.service", "/usr/lib/systemd/user/outtray.service", machine),
    File("etc/sysusers.conf", "/usr/lib/sysusers.d/outtray.conf", machine),
    File("etc/tmpfiles.conf", "/usr/lib/tmpfiles.d/outtray.conf", machine),
    File("etc/outtray.1", "/usr/share/man/man1/outtray.1.gz", machine),
    *(File(page, f"/usr/share/man/man1/outtray-{name}.1.gz", machine) for name, page in command_page.items()),
    File(configuration_page, "/usr/share/man/man5/outtray.yaml.5.gz", machine),
    File(completion["bash"], "/usr/share/bash-completion/completions/outtray", machine),
    File(completion["zsh"], "/usr/share/zsh/vendor-completions/_outtray", ("deb",)),
    File(completion["zsh"], "/usr/share/zsh/site-functions/_outtray", ("rpm", "tar")),
    File(completion["fish"], "/usr/share/fish/vendor_completions.d/outtray.fish", machine),
    # As it came, whatever has become of the one in /etc.
    File("etc/outtray.yaml", f"{data}/outtray.yaml"),
    File("etc/control.schema.json", f"{data}/control.schema.json"),
    File("etc/fleet.schema.json", f"{data}/fleet.schema.json"),
    File("etc/fleet-journal.schema.json", f"{data}/fleet-journal.schema.json"),
    File("etc/journal.schema.json", f"{data}/journal.schema.json"),
    File("etc/manifest.schema.json", f"{data}/manifest.schema.json"),
    File("etc/grafana/outtray.json", f"{data}/grafana/outtray.json", machine),
    File("etc/prometheus/outtray.rules.yml", f"{data}/prometheus/outtray.rules.yml", machine),
    File("packaging/debian/copyright", f"{documentation}/copyright"),
    # Debian's name for a program's own changelog.
    File("CHANGELOG.md", f"{documentation}/changelog.gz", ("deb",)),
    File(debian_changelog, f"{documentation}/changelog.Debian.gz", ("deb",)),
    File("CHANGELOG.md", f"{documentation}/CHANGELOG.md", ("rpm", "tar")),
    # Debian has this licence in /usr/share/common-licenses.
    File("LICENSE", f"{documentation}/LICENSE", ("rpm", "tar", "docker")),
    File("README.md", f"{documentation}/README.md", machine),
    *(File(f"docs/{page}", f"{documentation}/docs/{page}", machine) for page in pages),
    *(File(f"etc/examples/{name}", f"{documentation}/examples/{name}", machine) for name in examples),
    *(File(f"etc/examples/recipes/{name}", f"{documentation}/examples/recipes/{name}", machine) for name in recipes),
]

links = [
    # So that the pages' own links, such as ../etc/manifest.schema.json, lead there.
    Link(f"{documentation}/etc", "../../outtray"),
    Link(f"{data}/examples", "../doc/outtray/examples"),
]


def files_of(package):
    return [file for file in files if package in file.packages]


def links_of(package):
    return [link for link in links if package in link.packages]


def paths_of(package):
    """The paths that the package has, sorted: files and links, no directories."""
    return sorted(entry.target for entry in [*files_of(package), *links_of(package)])
