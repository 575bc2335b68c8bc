"""The manual pages, as manual.py makes them of what a command tells of itself."""

import unittest

import manual


def option(name, kind="flag", **more):
    return {
        "kind": kind, "names": [], "preferredName": {"kind": "long", "name": name}, "valueName": "file", "isOptional": True,
        "isRepeating": False, "shouldDisplay": True, "parsingStrategy": "default", "abstract": f"About {name}.", **more,
    }  # fmt: skip


class OptionTests(unittest.TestCase):
    def page(self, *arguments):
        command = {"commandName": "setup", "arguments": arguments}
        return manual.synopsis("outtray setup", command), manual.options(command)

    def test_a_flag_and_its_inverse_are_one_entry(self):
        synopsis, options = self.page(option("start"), option("no-start"), option("no-other"))

        self.assertEqual(synopsis[2:], [r".Op Fl \-[no\-]start", r".Op Fl \-no\-other"])
        self.assertEqual([row for row in options if row.startswith(".It")], [r".It Fl \-[no\-]start", r".It Fl \-no\-other"])
        self.assertIn("About start.", options)
        self.assertNotIn(r"About no\-start.", options)

    def test_an_option_that_may_stand_alone_shows_its_value_as_optional(self):
        unit = option("unit", "option", parsingStrategy="scanningForValue", defaultValue="o.service")
        other = option("config", "option", defaultValue="o.yaml")
        synopsis, options = self.page(unit, other)

        self.assertEqual(synopsis[2:], [r".Op Fl \-unit Op Ar file", r".Op Fl \-config Ar file"])
        said = " ".join(options)
        self.assertIn(r"Without file: \fBo.service\fR.", said)
        self.assertIn(r"Default: \fBo.yaml\fR.", said)


class ConfigurationTests(unittest.TestCase):
    def test_no_key_is_explained_by_a_place_that_the_page_has_not(self):
        page = manual.configuration_page(0).decode()

        self.assertIn("api_key_file", page)
        self.assertNotIn("see below", page)


if __name__ == "__main__":
    unittest.main()
