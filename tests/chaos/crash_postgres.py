"""What can be done to a PostgreSQL of our own from outside: a standby that takes over, a disk that fills up."""
import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess

import psycopg2

from disks import SmallDisk
from services import wait_until

PATIENCE = 60


def program(name):
    return str(max(pathlib.Path("/usr/lib/postgresql").glob("*/bin")) / name)


def as_server(*command):
    """Runs a command as the user that owns the cluster."""
    if os.geteuid() == 0:
        command = ("runuser", "-u", "postgres", "--", *command)
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}"
    return done.stdout


class Standby:
    """A synchronous standby of the services' cluster. When it has taken over, it is the services' cluster."""

    def __init__(self, services):
        self.services = services
        self.home = (pathlib.Path(services.env["MUNIM_VAR"]) / "postgres").resolve()
        self.data = self.home / "standby"
        self.sockets = self.home / "s"

    def follow(self):
        as_server(program("pg_basebackup"), "-h", str(self.home), "-U", "munim", "-D", str(self.data), "-R", "-X", "stream",
                  "-c", "fast")
        as_server("mkdir", "-p", str(self.sockets))
        as_server(program("pg_ctl"), "-D", str(self.data), "-l", str(self.home / "standby.log"), "-w", "-o",
                  f"-c unix_socket_directories={self.sockets}", "start")
        self.services.admin("alter system set synchronous_standby_names = '*'")
        self.services.admin("select pg_reload_conf()")
        wait_until(self.is_synchronous, PATIENCE, "a synchronous standby")

    def is_synchronous(self):
        connection = psycopg2.connect(self.services.url("postgres"))
        try:
            with connection.cursor() as cursor:
                cursor.execute("select sync_state from pg_stat_replication")
                return ("sync",) in cursor.fetchall()
        finally:
            connection.close()

    def take_over(self):
        """The server dies; the standby is promoted and answers at its address. The old data are thrown away."""
        self.services.postgres_crash()
        as_server(program("pg_ctl"), "-D", str(self.data), "-w", "promote")
        as_server(program("pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "stop")
        shutil.rmtree(self.home / "data")
        os.rename(self.data, self.home / "data")
        self.services.postgres_start()


class DatabaseDisk(SmallDisk):
    """One under an instance's database alone. leave: takes the database off it; nobody may use it then."""

    def __init__(self, at, megabytes, instance):
        super().__init__(at, megabytes, "postgres")
        self.instance, self.tablespace = instance, "full_" + instance.name

    def enter(self):
        self.instance.services.admin(f"create tablespace {self.tablespace} location '{self.at}'")
        self.move(self.tablespace)

    def move(self, tablespace):
        if self.instance.connection is not None:
            self.instance.connection.close()
            self.instance.connection = None
        self.instance.services.admin(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self.instance.name}'")
        self.instance.services.admin(f'alter database "{self.instance.name}" set tablespace {tablespace}')

    def leave(self):
        self.move("pg_default")


@contextlib.contextmanager
def full_disk(instance, megabytes=160):
    """The instance's database on a file system of its own that can be filled up. In the end it must have left, or be
    no more."""
    at = instance.path / "disk"
    at.mkdir()
    for above in (instance.path, *instance.path.parents):
        if above.owner() == pwd.getpwuid(os.getuid()).pw_name and above.stat().st_mode & 0o7777 == 0o700:
            above.chmod(0o755)  # Postgres runs as a user of its own and must get through
    disk = DatabaseDisk(at, megabytes, instance)
    try:
        disk.enter()
        yield disk
        disk.empty()
        instance.services.admin(f"drop tablespace {disk.tablespace}")
    finally:
        disk.unmount()
