"""A private cluster with the real schema, for the tests of the schema itself. Each test has its own database in it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "schema"
CHANGES = [
    line.split()[0]
    for line in (SCHEMA / "sqitch.plan").read_text().splitlines()
    if line and not line.startswith("%")
]


def run(*command, check=True, **env):
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, timeout=120)
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


class Cluster:
    """One private cluster; each test has a database of its own in it."""

    def __init__(self, var):
        self.var = var
        self.env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        self.env["MUNIM_VAR"] = str(var)
        self.script("start")
        self.url = self.script("url").strip()
        self.n = 0

    def script(self, verb):
        done = subprocess.run(
            [ROOT / "scripts/postgres", verb], env=self.env, stdout=subprocess.PIPE, text=True, timeout=120, check=True
        )
        return done.stdout

    def remove(self):
        self.script("crash")
        home = (self.var / "postgres").resolve()
        shutil.rmtree(home)

    def url_of(self, name):
        return self.url.replace("/munim?", f"/{name}?")

    def sql(self, text, name="postgres"):
        connection = psycopg2.connect(self.url_of(name))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(text)
        connection.close()

    def database(self, template="template0"):
        self.n += 1
        name = f"t{self.n}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url_of(name)


def schema(verb, url, *arguments, check=True):
    return run(ROOT / "scripts/schema", verb, *arguments, check=check, DATABASE_URL=url)


def name_of(url):
    """The database's name."""
    return re.search(r"/(\w+)\?", url).group(1)


def psql_file(path, url):
    quiet = "-c client_min_messages=warning"
    return run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path), url, PGOPTIONS=quiet)


def describe(url):
    connection = psycopg2.connect(url, options="-c search_path=")
    with connection.cursor() as cursor:
        cursor.execute((SCHEMA / "describe.sql").read_text().replace("%", "%%"))
        rows = cursor.fetchall()
    connection.close()
    return rows
