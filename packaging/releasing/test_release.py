"""packaging/release in a repository of its own, where all that it calls only notes that it was called."""

import datetime
import os
import shutil
import subprocess
import tempfile
import unittest

packaging = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
today = datetime.date.today().isoformat()
# Notes the call, writes a file where --output says, and says something.
script = """\
#!/bin/sh
name=${0##*/}
echo "$name $*" >>../calls
while [ $# -gt 1 ]; do
    if [ "$1" = --output ]; then echo "$name" >"$2/outtray.$name"; fi
    shift
done
echo said
"""


class ReleaseTests(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.mkdtemp(prefix="outtray-release-")
        self.addCleanup(shutil.rmtree, self.place)
        self.root = f"{self.place}/clone"
        os.makedirs(f"{self.root}/packaging")
        for name in ("release", "releasing", "install"):
            copy = shutil.copytree if os.path.isdir(f"{packaging}/{name}") else shutil.copy
            copy(f"{packaging}/{name}", f"{self.root}/packaging/{name}")
        for name in ("format", "check-files", "test", "build-release", "lint", "build-deb", "build-tar"):
            self.write(f"packaging/{name}", script)
            os.chmod(f"{self.root}/packaging/{name}", 0o755)
        self.write(".gitignore", "/dist\n__pycache__\n")
        self.write_version("0.2.0")
        self.write_changes(f"## 0.2.0 - {today}\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "A Person")
        self.git("config", "user.email", "person@example.com")
        self.commit()

    def write(self, path, text):
        os.makedirs(os.path.dirname(f"{self.root}/{path}"), exist_ok=True)
        with open(f"{self.root}/{path}", "w") as file:
            file.write(text)

    def write_version(self, version):
        self.write("Sources/outtray/Output/Release.swift", f'    static let version = "{version}"\n')

    def write_changes(self, text):
        self.write("CHANGELOG.md", f"# Changelog\n\n{text}")

    def git(self, *arguments):
        command = ["git", "-C", self.root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=Change")

    def release(self, *arguments):
        command = [f"{self.root}/packaging/release", *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def calls(self):
        try:
            with open(f"{self.place}/calls") as file:
                return [line.split()[0] for line in file]
        except FileNotFoundError:
            return []

    def refused(self, words, version="0.2.0", tags=""):
        """Refuses with these words, calls nothing, and makes no tag."""
        result = self.release(version)
        self.assertEqual(result.returncode, 65, result.stdout + result.stderr)
        self.assertIn(words, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.git("tag"), tags)
        self.assertFalse(os.path.exists(f"{self.root}/dist"))

    def test_checks_builds_and_tags_the_commit(self):
        result = self.release("0.2.0")
        self.assertEqual(result.returncode, 0, result.stderr)
        order = ["format", "check-files", "test", "build-release", "lint", "build-deb", "build-tar", "check-files"]
        self.assertEqual(self.calls(), order)
        self.assertEqual(self.git("rev-parse", "v0.2.0^{commit}"), self.git("rev-parse", "HEAD"))
        self.assertEqual(self.git("cat-file", "-t", "v0.2.0"), "tag")
        self.assertEqual(self.git("tag", "-l", "--format=%(contents)"), "Outtray 0.2.0\n\n### Added\n\n- A thing.")
        made = ["SHA256SUMS", "outtray.build-deb", "outtray.build-tar"]
        self.assertEqual(sorted(os.listdir(f"{self.root}/dist")), made)
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=f"{self.root}/dist", check=True)
        self.assertIn("git push REMOTE main v0.2.0", result.stdout)

    def test_a_second_run_changes_nothing(self):
        self.assertEqual(self.release("0.2.0").returncode, 0)
        tag = self.git("rev-parse", "v0.2.0")

        result = self.release("0.2.0")

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("v0.2.0 marks this commit already", result.stdout)
        self.assertEqual(self.git("rev-parse", "v0.2.0"), tag)

    def test_a_second_run_may_be_on_a_later_day(self):
        self.write_changes("## 0.2.0 - 2026-01-02\n\n- A thing.\n")
        self.commit()
        self.git("tag", "--annotate", "--message=Outtray 0.2.0", "v0.2.0")
        self.assertEqual(self.release("0.2.0").returncode, 0)

    def test_a_dry_run_does_all_but_the_tag(self):
        result = self.release("0.2.0", "--dry-run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("NOT DONE  git tag --annotate v0.2.0", result.stdout)
        self.assertIn("build-tar", self.calls())
        self.assertTrue(os.path.exists(f"{self.root}/dist/SHA256SUMS"))
        self.assertEqual(self.git("tag"), "")

    def test_tests_that_are_skipped_are_told(self):
        result = self.release("0.2.0", "--skip-tests")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("NOT RUN   packaging/test", result.stdout)
        self.assertIn("The tests were not run.", result.stdout)
        self.assertNotIn("test", self.calls())

    def test_a_check_that_fails_leaves_no_tag(self):
        for name in ("format", "test", "lint", "build-tar"):
            self.write(f"packaging/{name}", "#!/bin/sh\nexit 3\n")
            self.commit()
            result = self.release("0.2.0")
            self.assertEqual(result.returncode, 1, name)
            self.assertIn(f"release: packaging/{name}", result.stderr)
            self.assertEqual(self.git("tag"), "")
            self.write(f"packaging/{name}", script)

    def test_a_commit_during_the_build_is_not_tagged(self):
        self.write("packaging/lint", "#!/bin/sh\ngit commit --quiet --allow-empty --message=Later\n")
        self.commit()
        result = self.release("0.2.0")
        self.assertEqual(result.returncode, 65)
        self.assertIn("another commit", result.stderr)
        self.assertEqual(self.git("tag"), "")

    def test_refuses_what_is_no_version(self):
        for version in ("0.2", "v0.2.0", "0.2.0-rc1", "00.2.0"):
            self.refused(f"{version} is no version", version)
        self.assertEqual(self.release().returncode, 64)

    def test_refuses_a_tree_that_is_not_clean(self):
        self.write("new", "")
        self.refused("not clean, as ?? new")
        os.remove(f"{self.root}/new")
        self.write("CHANGELOG.md", "")
        self.refused("not clean, as M CHANGELOG.md")

    def test_refuses_another_branch(self):
        self.git("switch", "--quiet", "--create", "topic")
        self.refused("this is topic")
        self.git("switch", "--quiet", "--detach")
        self.refused("this is no branch")

    def test_refuses_a_version_that_the_source_does_not_say(self):
        self.write_version("0.3.0")
        self.commit()
        self.refused("Release.swift says 0.3.0, not 0.2.0")

    def test_refuses_a_tag_of_another_commit(self):
        self.git("tag", "--annotate", "--message=Outtray 0.2.0", "v0.2.0")
        self.commit()
        self.refused("v0.2.0 marks", tags="v0.2.0")

    def test_refuses_a_tag_that_is_not_annotated(self):
        self.git("tag", "v0.2.0")
        self.refused("no annotated tag", tags="v0.2.0")

    def test_refuses_without_a_section_of_today_that_says_something(self):
        for text, words in (
            ("## Unreleased\n\n- A thing.\n", f"no section ## 0.2.0 - {today}"),
            ("## 0.2.0 - 2026-01-02\n\n- A thing.\n", f"it must be ## 0.2.0 - {today}"),
            ("## 0.2.0\n\n- A thing.\n", f"it must be ## 0.2.0 - {today}"),
            (f"## 0.2.0 - {today}\n\n### Added\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n", "says nothing"),
            (f"## Unreleased\n\n- More.\n\n## 0.2.0 - {today}\n\n- A thing.\n", "changes under Unreleased"),
        ):
            self.write_changes(text)
            self.commit()
            self.refused(words)

    def test_refuses_without_a_name_for_the_tag(self):
        self.git("config", "user.useConfigOnly", "true")
        self.git("config", "--unset", "user.email")
        result = subprocess.run(
            [f"{self.root}/packaging/release", "0.2.0"], capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "HOME": self.place, "GIT_CONFIG_NOSYSTEM": "1"},
        )
        self.assertEqual(result.returncode, 65)
        self.assertIn("git does not know who makes the tag", result.stderr)

    def test_takes_a_heading_in_brackets_and_an_empty_unreleased(self):
        self.write_changes(f"## [Unreleased]\n\n## [0.2.0] - {today}\n\n- A thing.\n")
        self.commit()
        self.assertEqual(self.release("0.2.0", "--dry-run").returncode, 0)


if __name__ == "__main__":
    unittest.main()
