import os
import random
import unittest

from passing import Passage, Weather, segment


def packet(source, destination, data=b"", protocol=6, fragment=0):
    tcp = source.to_bytes(2, "big") + destination.to_bytes(2, "big") + bytes(8) + bytes([5 << 4]) + bytes(7) + data
    length = (20 + len(tcp)).to_bytes(2, "big")
    head = bytes([0x45, 0]) + length + bytes(2) + fragment.to_bytes(2, "big") + bytes([64, protocol]) + bytes(10)
    return head + tcp


class SegmentTests(unittest.TestCase):
    def test_a_segment_has_ports_and_a_length(self):
        self.assertEqual(segment(packet(5432, 40000, b"abc")), (5432, 40000, 3))

    def test_other_packets_are_none(self):
        self.assertIsNone(segment(packet(5432, 40000, protocol=17)))
        self.assertIsNone(segment(packet(5432, 40000, fragment=100)))
        self.assertIsNone(segment(bytes([0x60]) + bytes(60)))
        self.assertIsNone(segment(packet(5432, 40000)[:30]))


class WeatherTests(unittest.TestCase):
    def test_a_cut_drops_what_goes_by_its_port_alone(self):
        weather = Weather(cut=True, port=5432)

        self.assertEqual(weather.fate((5432, 40000), 0.5), "cut")
        self.assertEqual(weather.fate((40000, 5432), 0.5), "cut")
        self.assertEqual(weather.fate((40000, 4102), 0.5), "passed")
        self.assertEqual(weather.fate((), 0.5), "passed")

    def test_without_a_port_a_cut_drops_everything(self):
        self.assertEqual(Weather(cut=True).fate((), 0.5), "cut")

    def test_the_loss_is_a_part_of_the_packets(self):
        weather, draws = Weather(loss=0.05), random.Random(1)

        fates = [weather.fate((1, 2), draws.random()) for _ in range(10_000)]

        self.assertAlmostEqual(fates.count("lost") / 10_000, 0.05, delta=0.01)


class PassageTests(unittest.TestCase):
    def setUp(self):
        self.host, self.near = os.pipe()
        self.trial, self.far = os.pipe()
        self.passage = Passage(self.near, self.far, 1)
        self.addCleanup(lambda: [os.close(end) for end in (self.host, self.near, self.trial, self.far)])

    def test_a_late_packet_comes_when_it_is_due(self):
        self.passage.weather = Weather(delay=0.1)
        self.passage.take(self.near, packet(1, 2), now=10)

        self.assertAlmostEqual(self.passage.put_late(10.05), 0.05)
        os.set_blocking(self.trial, False)
        self.assertRaises(BlockingIOError, os.read, self.trial, 100)
        self.assertIsNone(self.passage.put_late(10.11))
        self.assertEqual(os.read(self.trial, 100), packet(1, 2))

    def test_no_packet_overtakes_another(self):
        self.passage.weather = Weather(delay=1)
        self.passage.take(self.near, packet(1, 2), now=10)
        self.passage.weather = Weather(delay=0.1)
        self.passage.take(self.near, packet(3, 4), now=10)

        self.passage.put_late(11)

        self.assertEqual(os.read(self.trial, 100), packet(1, 2) + packet(3, 4))

    def test_it_counts_what_the_host_sends_by_port(self):
        self.passage.take(self.near, packet(40000, 4102, b"12345"), now=10)
        self.passage.take(self.far, packet(4102, 40000, b"123"), now=10)

        self.assertEqual(self.passage.told(), {"passed": 2, "sent": {"4102": 5}})


if __name__ == "__main__":
    unittest.main()
