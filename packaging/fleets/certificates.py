"""The certificates of a trial's database: an authority that no machine knows, and a server's certificate by it."""

import os
import subprocess

# What the server is called in its certificate. Nobody can look it up: hosts get the address beside it.
NAME = "db.outtray.test"

SCRIPT = """\
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $new -keyout authority.key -out authority.pem -days 2 -subj "/CN=Outtray trial authority"
openssl req -new $new -keyout server.key -out server.csr -subj "/CN=$NAME"
echo "subjectAltName=DNS:$NAME" > names
openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \\
    -extfile names -out server.pem
"""


def make(directory):
    """Makes `authority.pem`, `server.pem` and `server.key` in a new directory."""
    os.makedirs(directory)
    made = subprocess.run(
        ["sh", "-euc", SCRIPT], cwd=directory, env={**os.environ, "NAME": NAME}, capture_output=True, text=True
    )
    if made.returncode:
        raise RuntimeError(f"openssl ended with {made.returncode}: {made.stderr}")
