"""A PostgreSQL server of a trial's own, in the trial's directory, on a Unix socket."""

import glob
import os
import shutil
import subprocess

SERVER_USER = "postgres"


class Database:
    """It has the superuser `admin`, who is let in without a password, and the database `fleet`."""

    def __init__(self, root):
        self.data, self.socket, self.log = f"{root}/postgres", f"{root}/socket", f"{root}/postgres.log"
        self.tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        for directory, mode in {self.data: 0o700, self.socket: 0o755}.items():
            os.makedirs(directory)
            os.chmod(directory, mode)
            shutil.chown(directory, SERVER_USER, SERVER_USER)
        self.run("initdb", "-D", self.data, "--username=admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        with open(f"{self.data}/postgresql.auto.conf", "a") as file:
            file.write(f"unix_socket_directories = '{self.socket}'\nlisten_addresses = ''\nmax_connections = 50\n")
        self.start()
        self.sql("CREATE DATABASE fleet", database="postgres")

    @property
    def conninfo(self):
        return f"host={self.socket} dbname=fleet user=admin"

    def run(self, tool, *words, text=None):
        """Runs one of the server's tools as the server's user. Returns what it prints."""
        command = [f"{self.tools}/{tool}", *words]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups", *command]
        done = subprocess.run(command, capture_output=True, text=True, input=text, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def start(self):
        # The server keeps its output open, so it gets none of ours.
        command = [f"{self.tools}/pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", f"{self.data}/log"]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "stop", "-w", "-s", "-D", self.data, "-m", mode)

    def sql(self, text, database="fleet"):
        """The rows of a query, each a list of texts."""
        words = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
        where = ["--host", self.socket, "--username", "admin", "--dbname", database]
        printed = self.run("psql", *words, *where, "--command", text)
        return [line.split("|") for line in printed.splitlines()]

    def dump(self):
        return self.run("pg_dump", "--host", self.socket, "--username", "admin", "--clean", "--if-exists", "fleet")

    def restore(self, dump):
        where = ["--host", self.socket, "--username", "admin", "--dbname", "fleet"]
        self.run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", *where, text=dump)
