"""Deploy, verify, revert: also twice, also stopped half-way."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest

from schema_database import CHANGES, ROOT, SCHEMA, describe, name_of, psql_file, schema

pytest_plugins = ["schema_fixtures"]


def test_every_change_has_its_three_scripts():
    for folder in ("deploy", "verify", "revert"):
        assert sorted(p.stem for p in (SCHEMA / folder).glob("*.sql")) == sorted(CHANGES)
    for change in CHANGES:
        text = (SCHEMA / "deploy" / f"{change}.sql").read_text()
        assert text.count("\nBEGIN;\n") == 1 and text.count("\nCOMMIT;\n") == 1, f"{change} is one transaction"


def test_a_second_deploy_changes_nothing(url):
    before = describe(url)
    assert "Nothing to deploy" in schema("deploy", url).stdout
    assert describe(url) == before
    schema("verify", url)


def test_the_database_may_be_named_by_key_and_value(url):
    name = url.split("/munim@/")[-1] if "/munim@/" in url else name_of(url)
    host = url.split("host=")[1]
    assert CHANGES[-1] in schema("status", f"host='{host}' user=munim dbname={name.split('?')[0]}").stdout


def test_every_script_may_run_twice(empty_url, cluster, deployed):
    """sqitch notes a change after it has committed; a stop in between makes the script run once more."""
    for change in CHANGES:
        psql_file(SCHEMA / "deploy" / f"{change}.sql", empty_url)
        psql_file(SCHEMA / "deploy" / f"{change}.sql", empty_url)
    schema("deploy", empty_url)
    assert describe(empty_url) == describe(cluster.url_of(deployed))
    for change in reversed(CHANGES):
        psql_file(SCHEMA / "revert" / f"{change}.sql", empty_url)
        psql_file(SCHEMA / "revert" / f"{change}.sql", empty_url)
    assert describe(empty_url) == []


def test_revert_and_deploy(url):
    before = describe(url)
    schema("revert", url, "-y")
    assert describe(url) == []
    schema("deploy", url)
    assert describe(url) == before


def waiting_psql(cursor):
    """Backend of the deploy that waits for our lock."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND application_name = 'psql'"
        )
        row = cursor.fetchone()
        if row:
            return row[0]
        time.sleep(0.02)
    raise AssertionError("the deploy did not get as far as the lock")


def psql_of(parent):
    """The psql process below a process, through /proc."""
    below = {parent}
    for _ in range(4):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, rest = stat.read_text().rsplit(")", 1)
            except OSError:
                continue
            if int(rest.split()[1]) in below:
                below.add(int(stat.parent.name))
                if name.endswith("(psql"):
                    return int(stat.parent.name)
    raise AssertionError("no psql below the deploy")


@pytest.mark.parametrize("victim", ["psql", "everything"])
def test_a_deploy_killed_half_way_is_run_again(cluster, deployed, empty_url, victim):
    schema("deploy", empty_url, "--to-change", "contacts")
    lock = psycopg2.connect(empty_url)
    watch = psycopg2.connect(empty_url)
    watch.autocommit = True
    # The change `orders` makes its first table, then waits for this to point a foreign key at it.
    lock.cursor().execute("LOCK TABLE munim.batch IN ACCESS EXCLUSIVE MODE")
    deploy = subprocess.Popen(
        [ROOT / "scripts/schema", "deploy"],
        env={**os.environ, "DATABASE_URL": empty_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with watch.cursor() as cursor:
        backend = waiting_psql(cursor)
        if victim == "psql":
            os.kill(psql_of(deploy.pid), signal.SIGKILL)
        else:
            os.killpg(deploy.pid, signal.SIGKILL)
        assert deploy.wait(timeout=60) != 0
        lock.rollback()
        end = time.monotonic() + 30
        while True:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (backend,))
            if cursor.fetchone()[0] == 0:
                break
            assert time.monotonic() < end, "the killed client's backend stays"
            time.sleep(0.02)
        cursor.execute("SELECT to_regclass('munim.orders') IS NULL, to_regclass('munim.inbox') IS NOT NULL")
        assert cursor.fetchone() == (True, True), "half a change stayed, or a whole one was lost"
    lock.close()
    watch.close()
    schema("deploy", empty_url)
    schema("verify", empty_url)
    assert describe(empty_url) == describe(cluster.url_of(deployed))


def test_two_deploys_at_once(empty_url, cluster, deployed):
    both = [
        subprocess.Popen(
            [ROOT / "scripts/schema", "deploy"],
            env={**os.environ, "DATABASE_URL": empty_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    told = [p.communicate(timeout=120)[0] for p in both]
    # The one that comes too late may lose the race for sqitch's own tables; it then says so and changes nothing.
    assert 0 in [p.returncode for p in both], told
    schema("deploy", empty_url)
    assert describe(empty_url) == describe(cluster.url_of(deployed))


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE munim.orders DROP COLUMN closure_reason",
        "DROP INDEX munim.orders_one_open",
        "ALTER TABLE munim.ledger_entry DISABLE TRIGGER append_only",
        "DROP FUNCTION munim.require",
        "ALTER TABLE munim.guard RESET (autovacuum_vacuum_scale_factor)",
    ],
)
def test_verify_sees(cluster, url, damage):
    cluster.sql(damage, name_of(url))
    assert schema("verify", url, check=False).returncode != 0
