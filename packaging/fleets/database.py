"""A PostgreSQL server of a trial's own, in the trial's directory."""

import errno
import glob
import os
import re
import shutil
import subprocess

import certificates

SERVER_USER = "postgres"
PORT = 5432
PASSWORD = "a password of this trial"

# By the socket, everybody is let in. Over the network, a host needs TLS and its password.
BY_SOCKET = "local all all trust\n"
BY_NETWORK = "hostssl fleet outtray 0.0.0.0/0 scram-sha-256\n"

# What the address in a ticket of the sandbox has, and nothing else; as it is, and as PostgreSQL prints bytes.
TICKET = re.compile(b"X-Amz-Signature|" + b"X-Amz-Signature".hex().encode(), re.IGNORECASE)


def holds_ticket(text):
    return TICKET.search(text) is not None


class Database:
    """Its database `fleet` is owned by the role `owner`. Services come as `outtray`, with the rights that
    `fleet init --role` gives. `admin` is the superuser.

    `address`: it listens there, too. `room`: its data has a disk of that size, as mount(8) writes it. `with_log`: its
    write-ahead log is on that disk. `environment`: what the server starts with.
    """

    def __init__(self, root, address=None, room=None, with_log=False, environment=None):
        self.root, self.address, self.room, self.with_log = root, address, room, with_log
        self.data, self.socket, self.log = f"{root}/postgres", f"{root}/socket", f"{root}/server/log"
        self.environment = environment or {}
        self.tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        places = [self.data, self.socket, f"{root}/server", f"{root}/wal"]
        for directory in places:
            os.makedirs(directory)
        if room:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "trial", self.data], check=True)
        for directory in places:
            os.chmod(directory, 0o755 if directory == self.socket else 0o700)
            shutil.chown(directory, SERVER_USER, SERVER_USER)
        words = ["--username=admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        if room:
            words += ["--wal-segsize=1"] if with_log else ["--wal-segsize=1", f"--waldir={root}/wal"]
        self.run("initdb", "-D", self.data, *words)
        self.configure()
        self.start()
        self.sql(
            f"CREATE ROLE owner LOGIN; CREATE ROLE outtray LOGIN PASSWORD '{PASSWORD}'", database="postgres"
        )
        self.sql("CREATE DATABASE fleet OWNER owner", database="postgres")

    def configure(self):
        lines = [f"unix_socket_directories = '{self.socket}'", "max_connections = 50"]
        lines += ["min_wal_size = '2MB'", "max_wal_size = '8MB'"] if self.room else []
        if self.address:
            certificates.make(f"{self.root}/certificates")
            for name in ("server.pem", "server.key"):
                shutil.copy(f"{self.root}/certificates/{name}", f"{self.root}/server/{name}")
                os.chmod(f"{self.root}/server/{name}", 0o600)
                shutil.chown(f"{self.root}/server/{name}", SERVER_USER, SERVER_USER)
            lines += [f"listen_addresses = '{self.address}'", f"port = {PORT}", "ssl = on"]
            lines.append(f"ssl_cert_file = '{self.root}/server/server.pem'")
            lines.append(f"ssl_key_file = '{self.root}/server/server.key'")
            with open(os.open(f"{self.root}/passfile", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(f"{certificates.NAME}:{PORT}:fleet:outtray:{PASSWORD}\n")
        else:
            lines.append("listen_addresses = ''")
        with open(f"{self.data}/postgresql.auto.conf", "a") as file:
            file.write("\n".join(lines) + "\n")
        with open(f"{self.data}/pg_hba.conf", "w") as file:
            file.write(BY_SOCKET + (BY_NETWORK if self.address else ""))

    # MARK: How to reach it

    @property
    def conninfo(self):
        """A service on this machine."""
        return f"host={self.socket} dbname=fleet user=outtray"

    @property
    def conninfo_of_owner(self):
        return f"host={self.socket} dbname=fleet user=owner"

    @property
    def conninfo_by_network(self):
        """A service behind a link: the server's certificate is checked, and the password stands in a passfile."""
        return (
            f"host={certificates.NAME} hostaddr={self.address} port={PORT} dbname=fleet user=outtray"
            f" passfile={self.root}/passfile sslmode=verify-full sslrootcert={self.root}/certificates/authority.pem"
        )

    # MARK: Start and stop

    def as_server_user(self, command, environment=None):
        command = ["env", *(f"{name}={value}" for name, value in (environment or {}).items()), *command]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups", *command]
        return command

    def run(self, tool, *words, text=None):
        """Runs one of the server's tools as the server's user. Returns what it prints."""
        command = self.as_server_user([f"{self.tools}/{tool}", *words])
        done = subprocess.run(command, capture_output=True, text=True, input=text, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def start(self):
        # The server keeps its output open, so it gets none of ours.
        command = [f"{self.tools}/pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", self.log]
        command = self.as_server_user(command, self.environment)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "stop", "-w", "-s", "-D", self.data, "-m", mode)

    @property
    def runs(self):
        command = self.as_server_user([f"{self.tools}/pg_ctl", "status", "-D", self.data])
        return subprocess.run(command, capture_output=True, cwd="/").returncode == 0

    def end(self):
        if self.runs:
            self.stop()
        if self.room:
            subprocess.run(["umount", self.data], check=True)

    # MARK: What it holds

    def sql(self, text, database="fleet"):
        """The rows of a query, each a list of texts."""
        words = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
        where = ["--host", self.socket, "--username", "admin", "--dbname", database]
        printed = self.run("psql", *words, *where, "--command", text)
        return [line.split("|") for line in printed.splitlines()]

    def dump(self):
        return self.run("pg_dump", "--host", self.socket, "--username", "admin", "--clean", "--if-exists", "fleet")

    def restore(self, dump):
        words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1"]
        self.run("psql", *words, "--host", self.socket, "--username", "admin", "--dbname", "fleet", text=dump)

    def spilt(self):
        """The files of the server that hold, or held, a ticket in clear: tables, log, write-ahead log. None must."""
        found = []
        for place in (self.data, f"{self.root}/wal", os.path.dirname(self.log)):
            for directory, _, names in os.walk(place):
                for name in names:
                    path = os.path.join(directory, name)
                    try:
                        with open(path, "rb") as file:
                            if holds_ticket(file.read()):
                                found.append(os.path.relpath(path, self.root))
                    except FileNotFoundError:
                        # The server has removed it just now.
                        pass
        return found

    # MARK: Its disk

    def fill(self):
        """Takes all room that its disk has left. If its log is there, too, the server ends over that."""
        filler = os.open(f"{self.data}/filler", os.O_WRONLY | os.O_CREAT)
        try:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        os.write(filler, bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
        finally:
            os.close(filler)
        # Files of the log that were there already are written first.
        for _ in range(50 if self.with_log else 0):
            try:
                self.sql("SELECT pg_logical_emit_message(false, 'trial', 'full'); SELECT pg_switch_wal()")
            except RuntimeError:
                if not self.runs:
                    return
        if self.with_log:
            raise RuntimeError("the server goes on, with its log on a full disk")

    def make_room(self):
        """Gives back what `fill` took. A server that has ended over it starts again."""
        os.unlink(f"{self.data}/filler")
        if not self.runs:
            self.start()
