"""The server that all contenders upload to: sink.c, and its books."""

import http.client
import json
import subprocess

from measure import RowFailure


class Sink:
    """A running sink."""

    def __init__(self, place, part_size=4 << 20):
        self.certificate = place.tool("cert.pem")
        self._process = subprocess.Popen(
            [place.tool("sink"), "--port", "0", "--tls-port", "0", "--part-size", str(part_size)]
            + ["--cert", self.certificate, "--key", place.tool("key.pem")],
            stdout=subprocess.PIPE,
            text=True,
        )
        addresses = {}
        for line in self._process.stdout:
            if line == "ready\n":
                break
            scheme, address = line.split()
            addresses[scheme] = address
        self.address = addresses["http"]
        self.http = f"http://{self.address}"
        self.https = f"https://{addresses['https']}"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.terminate()
        self._process.wait()

    def base(self, tls):
        return self.https if tls else self.http

    def reset(self):
        self._ask("POST", "/sink/reset")

    def stats(self):
        return json.loads(self._ask("GET", "/sink/stats"))

    def puts(self):
        """Each PUT: name, time of its first byte and of its last (nanoseconds since 1970), length."""
        lines = self._ask("GET", "/sink/puts").decode().splitlines()
        fields = [line.rsplit("\t", 3) for line in lines]
        return [(name, int(first), int(last), int(length)) for name, first, last, length in fields]

    def expect(self, **counts):
        """Fails the row unless the books have these counts, and nothing was refused."""
        stats = self.stats()
        for name, count in {**counts, "refused": 0}.items():
            if stats[name] != count:
                raise RowFailure(f"the sink has {stats[name]} {name} instead of {count}")
        return stats

    def _ask(self, method, path):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()
