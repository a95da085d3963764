"""The crash table in short: a few kills at each failpoint. `make crash-points` is the long form, with faults from outside."""
import os
import pathlib
import re
import subprocess
import sys
import time

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Producer, TopicPartition

from instance import BIN, ROOT

sys.path.append(str(ROOT / "tests/chaos"))

import crash_points  # noqa: E402
from crash_faults import FAULTS  # noqa: E402

HITS = int(os.environ.get("HITS", 2))
JOBS = 3
# What no failpoint and no fault can stand for, and where it is tried instead.
ELSEWHERE = {16: "test_parking.py", 27: "test_model_reader.py"}
PROGRAMS = ("munim", "munim-ingress", "munim-worker", "munim-sender")


@pytest.fixture(scope="module")
def fail_build():
    subprocess.run(["make", "-s", "-C", ROOT, "FAIL=1", "all"], check=True, timeout=1200)


def test_every_row_of_the_table_is_tried():
    """By a failpoint, by a fault, or by a test that is named; and the page tells of each."""
    tried = {row for row, _, _ in crash_points.failpoints()} | {fault.row for fault in FAULTS} | set(ELSEWHERE)
    assert tried == set(range(1, 28))
    page = (ROOT / "docs/guarantees.md").read_text()
    table = {int(row): rest for row, rest in re.findall(r"^\| (\d+) \|(.*)$", page, re.M)}
    assert set(table) == tried
    for row, name, _ in crash_points.failpoints():
        assert f"`{name}`" in table[row]
    for fault in FAULTS:
        assert fault.point in table[fault.row]


def test_every_point_of_the_table_is_in_the_code():
    """Once at least, and no other: a name outside the table would abort."""
    named = {name for _, name, _ in crash_points.failpoints()}
    used = set()
    for path in [*ROOT.glob("common/*/*.c"), *ROOT.glob("workers/*/*.c"), *ROOT.glob("ingress/*.c")]:
        for call in re.findall(r"FAILPOINT\(([^;]*)\);", path.read_text()):
            used |= set(re.findall(r'"([a-z]+\.[a-z]+)"', call))
    assert used == named


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_release_holds_nothing_of_them(program):
    binary = (pathlib.Path(BIN) / program).read_bytes()
    for word in [b"MUNIM_FAILPOINT", b"failpoint_hit", *(name.encode() for _, name, _ in crash_points.failpoints())]:
        assert word not in binary, f"{program} holds {word}"


def test_the_test_build_holds_them(fail_build):
    binary = (crash_points.FAIL_BIN / "munim-worker").read_bytes()
    assert b"MUNIM_FAILPOINT" in binary and b"turn.committed" in binary


def test_each_point_in_short(services, fail_build):
    rows = []
    crash_points.strike_alone(services, HITS, 0, seed=7, jobs=JOBS, only="", done=rows.append)
    assert len(rows) == len(crash_points.failpoints())
    bad = [row.object() for row in rows if not row.good() or row.hits != HITS]
    assert not bad, bad


def test_records_are_dated_by_the_broker(new_instance):
    """Whatever a producer's clock says: neither refused as of tomorrow, nor deleted as of years ago."""
    instance = new_instance()
    name, about = f"{instance.name}.inbound.v1", []
    producer = Producer({"bootstrap.servers": instance.services.bootstrap})
    now = time.time() * 1000
    for wrong in (now - 3e10, now, now + 3e10):
        producer.produce(name, b"{}", partition=0, timestamp=int(wrong), on_delivery=lambda error, m: about.append(error))
    assert producer.flush(15) == 0 and about == [None] * 3
    consumer = instance.topics().consumer
    consumer.assign([TopicPartition(name, 0, 0)])
    for _ in range(3):
        kind, at = consumer.poll(15).timestamp()
        assert kind == TIMESTAMP_LOG_APPEND_TIME and abs(at - now) < 600_000
    consumer.unassign()


def test_a_row_without_hits_fails(capsys):
    row = crash_points.Row(9, "turn.committed")
    assert crash_points.report([row], as_json=True) == 1
    row.hits = 1
    assert crash_points.report([row], as_json=True) == 0
    row.lost = ["an event"]
    assert crash_points.report([row], as_json=True) == 1
    assert crash_points.report([], as_json=False) == 1
    capsys.readouterr()
