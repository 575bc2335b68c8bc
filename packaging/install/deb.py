"""Makes the Debian packages: outtray, and outtray-dbgsym with its symbols."""

import hashlib
import os
import shutil
import stat
import tempfile

import files
from source import Problem, root
from stage import Stage, build_id, run, settle, symbols_of, who

summary = "uploads media files that are dropped into folders"
description = """\
 Outtray watches folders. An image, video, GIF or PDF that is dropped in, and
 has stopped changing, is uploaded to Postbreeze or, through ConnectSafely, to
 LinkedIn. Its media id or asset URN then stands in a manifest, a JSON file
 that other programs read.
 .
 It runs as a service for months: over crashes, full disks, dead networks and
 revoked keys no file is lost, and none goes up twice. A sandbox that plays
 both providers comes with it."""

# systemd-sysusers and systemd-tmpfiles, which postinst needs; each also comes without systemd.
tools = [
    "systemd | systemd-standalone-sysusers | systemd-sysusers",
    "systemd | systemd-standalone-tmpfiles | systemd-tmpfiles",
]


class Debian:
    def __init__(self, binary, version, epoch, output, compression):
        self.binary, self.epoch, self.output, self.compression = binary, epoch, output, compression
        # A revision tells Debian's tools that this is no native package: its own changelog is not in Debian's form.
        self.version = f"{version}-1"
        self.architecture = run("dpkg", "--print-architecture").strip()

    def build(self):
        """Writes both packages, and returns their paths."""
        with tempfile.TemporaryDirectory(prefix="outtray-deb-") as work:
            symbols = symbols_of(self.binary, f"{work}/symbols/usr/lib/debug")
            return [self.program(f"{work}/program", symbols), self.symbols(f"{work}/symbols")]

    def program(self, tree, symbols=None):
        Stage(tree, "deb", self.binary, self.version, self.epoch, symbols).lay_out()
        overrides = f"{tree}/usr/share/lintian/overrides/outtray"
        os.makedirs(os.path.dirname(overrides))
        shutil.copyfile(os.path.join(root, "packaging", "debian", "lintian-overrides"), overrides)
        os.chmod(overrides, 0o644)
        fields = {
            "Section": "net",
            "Priority": "optional",
            "Depends": ", ".join([*self.libraries(f"{tree}/usr/bin/outtray"), *tools, "ca-certificates"]),
            # For a `bandwidth` by the time of day.
            "Recommends": "tzdata",
            # For a fleet, which loads it.
            "Suggests": "libpq5",
            "Description": f"{summary}\n{description}",
        }
        control = self.control(tree, "outtray", fields)
        with open(f"{control}/conffiles", "w") as file:
            file.writelines(f"{entry.target}\n" for entry in files.files_of("deb") if entry.is_configuration)
        for script in ("postinst", "prerm", "postrm"):
            shutil.copyfile(os.path.join(root, "packaging", "debian", script), f"{control}/{script}")
            os.chmod(f"{control}/{script}", 0o755)
        return self.archive(tree, "outtray")

    def symbols(self, tree):
        os.makedirs(f"{tree}/usr/share/doc")
        os.symlink("outtray", f"{tree}/usr/share/doc/outtray-dbgsym")
        fields = {
            "Auto-Built-Package": "debug-symbols",
            "Section": "debug",
            "Priority": "optional",
            "Depends": f"outtray (= {self.version})",
            "Build-Ids": build_id(self.binary),
            "Description": "debug symbols for outtray",
        }
        self.control(tree, "outtray-dbgsym", fields)
        return self.archive(tree, "outtray-dbgsym")

    def control(self, tree, package, fields):
        """Writes DEBIAN/control and DEBIAN/md5sums, and returns the directory."""
        paths = sorted(os.path.join(place, name) for place, _, names in os.walk(tree) for name in names)
        regular = [path for path in paths if stat.S_ISREG(os.lstat(path).st_mode)]
        fields = {
            "Package": package,
            **({} if package == "outtray" else {"Source": "outtray"}),
            "Version": self.version,
            "Architecture": self.architecture,
            "Maintainer": who(),
            # In KiB, as in Debian's policy 5.6.20: files rounded up, one for each directory and link.
            "Installed-Size": sum((os.path.getsize(path) + 1023) // 1024 for path in regular)
            + len(paths)
            - len(regular)
            + sum(1 for _ in os.walk(tree)),
            **fields,
        }
        control = f"{tree}/DEBIAN"
        os.makedirs(control)
        with open(f"{control}/control", "w") as file:
            file.writelines(f"{name}: {value}\n" for name, value in fields.items())
        with open(f"{control}/md5sums", "w") as file:
            for path in regular:
                with open(path, "rb") as content:
                    digest = hashlib.file_digest(content, "md5").hexdigest()
                file.write(f"{digest}  {os.path.relpath(path, tree)}\n")
        return control

    def libraries(self, program):
        """What the program's shared libraries need, by the versions of the symbols that it uses."""
        with tempfile.TemporaryDirectory(prefix="outtray-shlibs-") as work:
            os.makedirs(f"{work}/debian")
            with open(f"{work}/debian/control", "w") as file:
                file.write("Source: outtray\n\nPackage: outtray\nArchitecture: any\n")
            said = run("dpkg-shlibdeps", "-O", f"-e{program}", cwd=work)
        name, _, value = said.strip().partition("shlibs:Depends=")
        if name or not value:
            raise Problem(f"dpkg-shlibdeps says {said!r}")
        return value.split(", ")

    def archive(self, tree, package):
        settle(tree, self.epoch)
        for name in os.listdir(f"{tree}/DEBIAN"):
            path = f"{tree}/DEBIAN/{name}"
            os.chmod(path, 0o755 if os.access(path, os.X_OK) else 0o644)
            os.utime(path, (self.epoch, self.epoch))
        path = os.path.join(self.output, f"{package}_{self.version}_{self.architecture}.deb")
        # One thread: with several, the bytes would depend on the machine.
        command = ["dpkg-deb", "--root-owner-group", "--threads-max=1", *self.compression, "--build", tree, path]
        run(*command, env={**os.environ, "SOURCE_DATE_EPOCH": str(self.epoch)})
        return path
