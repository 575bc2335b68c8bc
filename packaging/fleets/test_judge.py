import types
import unittest

from database import holds_ticket
from judge import missed

CHANGES = [(1, "a", "uploaded", "/in/x"), (2, "b", "adopted", "/in/x"), (3, "a", "uploaded", "/in/y")]


def follower(changes, runs=True):
    lines = [dict(zip(("revision", "host", "event", "path"), change)) for change in changes]
    return types.SimpleNamespace(host=types.SimpleNamespace(name="c"), runs=runs, lines=lines)


class MissedTests(unittest.TestCase):
    def test_all_changes_in_their_order_are_right(self):
        self.assertEqual(missed(follower(CHANGES), CHANGES), [])

    def test_a_gap_a_repetition_another_order_and_another_content_are_wrong(self):
        other = [*CHANGES[:2], (3, "a", "uploaded", "/in/z")]
        for seen in (CHANGES[:2], CHANGES[1:], CHANGES + CHANGES[2:], CHANGES[::-1], other, []):
            with self.subTest(seen):
                self.assertEqual([kind for kind, _ in missed(follower(seen), CHANGES)], ["missed"])

    def test_a_new_beginning_is_wrong(self):
        seen = [CHANGES[0], (0, "", "reset", ""), *CHANGES]

        self.assertIn("begin anew", missed(follower(seen), CHANGES)[0][1])

    def test_a_follower_that_has_ended_is_wrong(self):
        self.assertIn("has ended", missed(follower(CHANGES, runs=False), CHANGES)[0][1])


class TicketTests(unittest.TestCase):
    def test_a_ticket_is_found_as_text_and_as_bytes_in_hexadecimal(self):
        address = b"http://10.78.0.1:4102/media/x?X-Amz-Date=1&X-Amz-Signature=ab"

        self.assertTrue(holds_ticket(address))
        self.assertTrue(holds_ticket(b"\\x" + address.hex().encode()))
        self.assertFalse(holds_ticket(b"http://10.78.0.1:4102/media/x"))


if __name__ == "__main__":
    unittest.main()
