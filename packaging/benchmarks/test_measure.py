"""The launcher and the sink, and that a contender's claim alone is no figure."""

import http.client
import json
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from measure import RowFailure, Running, run  # noqa: E402
from place import Place  # noqa: E402
from service import Outtray  # noqa: E402
from sink import Sink  # noqa: E402


class MeasureTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place(tempfile.mkdtemp(), "/bin/false", {})
        cls.place.build_tools()
        cls.sink = Sink(cls.place, part_size=1000)
        cls.sink.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.sink.__exit__()
        cls.place.remove()

    def setUp(self):
        self.sink.reset()

    # The launcher

    def test_a_peak_is_that_of_the_command_and_not_of_this_process(self):
        ballast = bytearray(os.urandom(1 << 20) * 100)
        self.assertLess(run(self.place, ["true"]).peak, 20)
        self.assertGreater(run(self.place, [sys.executable, "-c", "x = bytearray(b'1' * (50 << 20))"]).peak, 50)
        del ballast

    def test_cpu_is_that_of_the_command_and_its_children(self):
        work = f"{sys.executable} -c 'for _ in range(3000000): pass'"
        self.assertGreater(run(self.place, ["sh", "-c", f"{work}; true"]).cpu, 0.02)
        self.assertLess(run(self.place, ["sleep", "0.1"]).cpu, 0.02)

    def test_the_end_of_a_command_is_told(self):
        self.assertEqual(Running(self.place, ["sh", "-c", "exit 3"]).end().status, 3)
        self.assertEqual(Running(self.place, ["no-such-command"]).end().status, 127)
        self.assertEqual(Running(self.place, ["sleep", "100"]).stop().status, 128 + 15)
        with self.assertRaisesRegex(RowFailure, "false ended with 1"):
            run(self.place, ["false"])

    # The sink

    def test_an_asset_is_complete_once_its_bytes_have_come(self):
        ticket = self.presign(10)
        self.sink.expect(presigns=1, puts=0, complete=0)
        for _ in range(2):
            self.assertEqual(self.ask("PUT", ticket["uploadUrl"], b"0123456789")[0], 200)
        self.sink.expect(puts=2, complete=1, bytes=20)
        self.assertEqual([put[0] for put in self.sink.puts()], ["a.pdf", "a.pdf"])

    def test_another_length_than_was_asked_for_is_refused(self):
        self.assertEqual(self.ask("PUT", self.presign(10)["uploadUrl"], b"012345678")[0], 400)
        self.assertEqual(self.ask("PUT", "/asset/1234", b"0")[0], 404)
        self.assertEqual(self.sink.stats()["complete"], 0)
        with self.assertRaisesRegex(RowFailure, "2 refused instead of 0"):
            self.sink.expect(complete=0)

    def test_parts_are_complete_once_all_of_them_have_come(self):
        wanted = {"mediaType": "video", "fileSize": 2500, "filename": "a.mp4"}
        asked = json.loads(self.ask("POST", "/linkedin/posts/upload/init", json.dumps(wanted).encode())[1])
        parts = asked["partUploadRequests"]
        ranges = [(part["firstByte"], part["lastByte"]) for part in parts]
        self.assertEqual(ranges, [(0, 999), (1000, 1999), (2000, 2499)])
        told = {
            "mediaArtifactUrn": asked["mediaArtifactUrn"],
            "partUploadResponses": [{"httpStatusCode": 200, "headers": {}}] * 3,
        }
        for number, part in enumerate(parts):
            self.assertEqual(self.ask("POST", "/linkedin/posts/upload/complete", json.dumps(told).encode())[0], 400)
            length = part["lastByte"] - part["firstByte"] + 1
            self.assertEqual(self.ask("PUT", part["uploadUrl"], b"0" * length)[0], 200)
        self.assertEqual(self.ask("POST", "/linkedin/posts/upload/complete", json.dumps(told).encode())[0], 200)
        stats = self.sink.stats()
        self.assertEqual((stats["completions"], stats["complete"], stats["puts"]), (1, 1, 3))

    def test_a_path_that_is_put_twice_counts_once(self):
        for path in ("/sink/../a", "/bucket/a", "/bucket/a", "/bucket/b"):
            self.ask("PUT", path, b"0")
        self.assertEqual(self.sink.stats()["paths"], 3)

    def test_a_body_may_come_in_pieces_and_requests_at_once(self):
        connection = http.client.HTTPConnection(self.sink.address)
        connection.connect()
        connection.sock.sendall(b"PUT /b/1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nab")
        connection.sock.sendall(b"cdPUT /b/2 HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        answers = b""
        while answers.count(b"\r\n\r\n") < 2:
            answers += connection.sock.recv(4096)
        connection.close()
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 2)
        self.sink.expect(paths=2, bytes=4)

    # Proofs

    def test_a_pass_that_only_says_that_it_uploaded_fails_the_row(self):
        claim = self.place.path("claims")
        with open(claim, "w") as file:
            file.write("#!/bin/sh\necho 1 uploaded, 0 known already, 0 rejected, 0 waiting\n")
        os.chmod(claim, 0o700)
        outtray = Outtray(self.place, claim, self.sink, "/nowhere")
        os.makedirs(outtray.state)
        shutil.copy("/dev/null", os.path.join(outtray.state, "manifest.json"))
        with self.assertRaisesRegex(RowFailure, "0 entries instead of 1"):
            outtray.sync(uploaded=1)
        with self.assertRaisesRegex(RowFailure, "0 complete instead of 1"):
            self.sink.expect(complete=1)

    def presign(self, size):
        wanted = {"filename": "a.pdf", "contentType": "application/pdf", "bytes": size}
        status, answer = self.ask("POST", "/api/v1/media/presign", json.dumps(wanted).encode())
        self.assertEqual(status, 201)
        return json.loads(answer)

    def ask(self, method, path, body):
        connection = http.client.HTTPConnection(self.sink.address)
        connection.request(method, path.removeprefix(self.sink.http), body, {"Host": self.sink.address})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text


if __name__ == "__main__":
    unittest.main()
