"""Every process that opens Postgres refuses a schema it does not know, and a server that may forget."""

import os
import re
import subprocess
import time

import psycopg2
import pytest

from schema_database import ROOT, name_of, run, schema

pytest_plugins = ["schema_fixtures"]

CHECK_MAIN = """
#include "common/pg/schema_check.h"
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    struct fault f = {.verdict = VERDICT_NONE};
    int rc = argc == 3 ? schema_check(argv[1], (enum schema_user)atoi(argv[2]), &f) : 2;
    printf("%s %s\\n", verdict_name(f.verdict), f.text);
    return rc == 0 ? 0 : 1;
}
"""
WORKER, SENDER, COMMAND = "0", "1", "2"


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """The real check as a program of its own."""
    made = tmp_path_factory.mktemp("check")
    (made / "main.c").write_text(CHECK_MAIN)
    libpq = run("pkg-config", "--cflags", "--libs", "libpq").stdout.split()
    sources = [ROOT / "common" / s for s in ("pg/schema_check.c", "pg/schema_compare.c", "pg/pg_once.c", "pg/pg_verdict.c",
                                         "base/fault.c")]
    run("cc", "-std=c11", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", made / "check", made / "main.c", *sources, *libpq)

    def ask(url, who=WORKER):
        done = run(made / "check", url, who, check=False)
        return done.returncode, done.stdout

    return ask


def test_what_is_compiled_in_is_a_fresh_deploy(url, tmp_path):
    schema("expected", url, str(tmp_path))
    for name in ("schema_expected.inc", "schema_query.inc"):
        kept = (ROOT / "common/pg" / name).read_text()
        assert (tmp_path / name).read_text() == kept, f"scripts/schema expected writes another {name}"


def test_a_fresh_deploy_is_known(check, url):
    for who in (WORKER, SENDER, COMMAND):
        assert check(url, who) == (0, "none \n")


def test_no_schema_and_no_server(check, empty_url):
    assert check(empty_url) == (1, "stop the database has no schema munim; deploy it with scripts/schema deploy\n")
    code, words = check("host=/nonexistent user=munim dbname=munim")
    assert code == 1 and words.startswith("retry Postgres ([postgres] url) does not answer")


DAMAGE = [
    ("ALTER TABLE munim.orders DROP COLUMN version", "column munim.orders.version is missing", WORKER),
    ("ALTER TABLE munim.orders ALTER version TYPE int", "column munim.orders.version differs", WORKER),
    ("ALTER TABLE munim.orders ALTER version DROP NOT NULL", "column munim.orders.version differs", COMMAND),
    ("ALTER TABLE munim.batch DROP CONSTRAINT batch_check", "constraint munim.batch.batch_check is missing", WORKER),
    ("ALTER TABLE munim.inbox DROP CONSTRAINT inbox_pkey", "constraint munim.inbox.inbox_pkey is missing", WORKER),
    (
        "ALTER TABLE munim.orders DROP CONSTRAINT orders_state_check;"
        "ALTER TABLE munim.orders ADD CONSTRAINT orders_state_check CHECK (state IN ('COLLECTING_ITEMS'))",
        "constraint munim.orders.orders_state_check differs",
        WORKER,
    ),
    ("DROP INDEX munim.orders_one_open", "index munim.orders.orders_one_open is missing", WORKER),
    ("ALTER TABLE munim.invoice DISABLE TRIGGER append_only", "trigger munim.invoice.append_only differs", WORKER),
    (
        "DROP FUNCTION munim.require",
        "function munim.require(actual bigint, wanted bigint, code text, what text) is missing",
        SENDER,
    ),
    ("DROP TABLE munim.gate", "table munim.gate is missing", SENDER),
    ("ALTER TABLE munim.orders ADD branch text NOT NULL", "column munim.orders.branch is unknown", WORKER),
    (
        "ALTER TABLE munim.orders ADD CHECK (version < 5)",
        "constraint munim.orders.orders_version_check is unknown",
        WORKER,
    ),
]


@pytest.mark.parametrize("damage, words, who", DAMAGE, ids=[d[1] for d in DAMAGE])
def test_a_changed_schema_is_refused_by_name(cluster, check, url, damage, words, who):
    cluster.sql(damage, name_of(url))
    code, told = check(url, who)
    assert code == 1 and told.startswith("stop ") and words in told


def test_many_differences_are_counted(cluster, check, url):
    gone = ("hold", "message", "delivery", "gate", "decision", "outbox", "part")
    cluster.sql("DROP TABLE " + ", ".join(f"munim.{table}" for table in gone), name_of(url))
    _, told = check(url)
    assert told.count("is missing") == 5 and "; and 2 more; " in told


def test_additions_that_cannot_refuse_a_write_are_let_pass(cluster, check, url):
    cluster.sql(
        "CREATE TABLE munim.later (id uuid PRIMARY KEY);"
        "ALTER TABLE munim.orders ADD note text, ADD n int NOT NULL DEFAULT 0;"
        "CREATE INDEX ON munim.orders (created_at)",
        name_of(url),
    )
    assert check(url) == (0, "none \n")


def test_the_sender_does_not_stop_for_a_change_of_orders(cluster, check, url):
    cluster.sql("ALTER TABLE munim.orders DROP COLUMN version", name_of(url))
    assert check(url, SENDER) == (0, "none \n")


def test_the_senders_list_is_what_the_sender_names():
    code = (ROOT / "common/pg/schema_compare.c").read_text()
    listed = set(re.findall(r'"(\w+)"', re.search(r"sender_tables\[\] = \{(.*?)\};", code, re.S).group(1)))
    tables = set(re.findall(r'^\{"column", "(\w+)"', (ROOT / "common/pg/schema_expected.inc").read_text(), re.M))
    named = set()
    for folder in ("workers/sender", "common/claim"):
        for path in (ROOT / folder).glob("*.c"):
            named |= set(re.findall(r"\bmunim\.(\w+)", path.read_text())) & tables
    assert named and named - listed == set(), "common/pg/schema_compare.c does not check these for the sender"


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_may_forget_is_refused(cluster, check, url, setting):
    def reach(value):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            connection = psycopg2.connect(url)
            with connection.cursor() as cursor:
                cursor.execute(f"SHOW {setting}")
                now = cursor.fetchone()[0]
            connection.close()
            if now == value:
                return
            time.sleep(0.02)
        raise AssertionError(f"{setting} does not become {value}")

    try:
        cluster.sql(f"ALTER SYSTEM SET {setting} = off")
        cluster.sql("SELECT pg_reload_conf()")
        reach("off")
        code, told = check(url)
        assert code == 1 and told.startswith(f"stop Postgres runs with {setting} = off")
    finally:
        cluster.sql(f"ALTER SYSTEM RESET {setting}")
        cluster.sql("SELECT pg_reload_conf()")
        reach("on")


@pytest.mark.parametrize("program", ["munim-worker", "munim-sender"])
def test_each_process_that_opens_postgres_refuses_to_start(cluster, url, program, tmp_path):
    cluster.sql("ALTER TABLE munim.part DROP COLUMN epoch", name_of(url))
    binary = ROOT / "build/release/bin" / program
    assert binary.exists(), "make all first"
    (tmp_path / "token").write_text("secret\n")
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "MUNIM_WHATSAPP_ACCESS_TOKEN_FILE": str(tmp_path / "token"),
    }
    done = subprocess.run([binary], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78, done.stderr
    assert "column munim.part.epoch is missing" in done.stderr
