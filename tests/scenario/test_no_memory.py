"""Memory runs out somewhere: a few of the places that `make no-memory` goes through one by one."""
import datetime
import random
import sys

import pytest

from instance import ROOT
from services import wait_until

sys.path.append(str(ROOT / "tests/chaos"))
import nomem  # noqa: E402

# How far to draw from: what a start takes at least, and the shortest message.
STRIKES = {("munim-ingress", "start"): 200, ("munim-ingress", "message"): 4, ("munim-worker", "start"): 300,
           ("munim-worker", "message"): 120, ("munim-sender", "start"): 200, ("munim-sender", "message"): 60}


@pytest.fixture(scope="module")
def trial(services, tmp_path_factory):
    instance = nomem.Instance(services, tmp_path_factory.mktemp("munim"), nomem.QUICK)
    try:
        yield nomem.Trial(instance)
    finally:
        instance.end()


def test_no_memory_for_once(trial):
    """Each process ends with a last word or lives on, every message is answered, and all witnesses agree."""
    dice = random.Random(datetime.date.today().toordinal())
    for (program, when), most in STRIKES.items():
        numbers = sorted(dice.sample(range(1, most + 1), 2))
        row = trial.run(program, when, numbers)
        assert not row.bad, f"{row.text()} of {numbers}"
        assert row.tried, f"{program}, {when}: none of {numbers} was reached"
    assert wait_until(lambda: len(trial.instance.sends()) > 3, 20, "answers")
    trial.settle()


def test_the_harness_sees_an_end_without_a_word():
    row = nomem.Row("munim-worker", "message")
    row.note(7, -6, '"msg":"aborted"', "plan_make")
    row.note(8, 75, '"msg":"ended"', "a library")
    row.note(9, None, "", "plan_make")
    assert not row.bad and row.object()["tried"] == 3
    row.note(10, -11, "", nomem.LIBRARY)
    assert not row.bad
    row.note(10, -11, "", "plan_make")
    row.note(11, 255, "words", "plan_make")
    assert len(row.bad) == 2
