"""A short run of the chaos laboratory with a seed of the day; `make chaos SEED=n TIME=s` plays it again, or longer."""
import datetime
import json
import os
import subprocess

from instance import ROOT

SECONDS = 20
VACUOUS = 3  # scripts/chaos' exit status: nothing wrong, but not everything was struck


def play(seed, seconds, var):
    """(exit status, report, how to play it again)"""
    done = subprocess.run([ROOT / "scripts/chaos", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "SEED": seed, "TIME": str(seconds), "MUNIM_VAR": str(var)})
    again = f"make chaos SEED={seed} TIME={seconds}"
    assert done.stdout.startswith("{"), f"{again} gave no report:\n{done.stdout}{done.stderr[-3000:]}"
    return done.returncode, json.loads(done.stdout), again


def test_a_short_chaos_run(tmp_path):
    seed = os.environ.get("SEED") or datetime.date.today().strftime("%y%m%d")
    status, report, again = play(seed, SECONDS, tmp_path)
    if status == VACUOUS:  # too busy a machine for so short a run
        status, report, again = play(seed, 3 * SECONDS, tmp_path)
    assert report["good"], f"{again}\n{json.dumps(report, indent=1)}"
    assert status == 0
