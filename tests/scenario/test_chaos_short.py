"""A short run of the chaos laboratory, one seed of the day: `make chaos SEED=n TIME=s` plays a longer one, or this one again."""
import datetime
import json
import os
import subprocess

from instance import ROOT

SECONDS = 20


def test_a_short_chaos_run(tmp_path):
    seed = os.environ.get("SEED") or datetime.date.today().strftime("%y%m%d")
    done = subprocess.run([ROOT / "scripts/chaos", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "SEED": seed, "TIME": str(SECONDS), "MUNIM_VAR": str(tmp_path)})
    again = f"make chaos SEED={seed} TIME={SECONDS}"
    assert done.stdout.startswith("{"), f"{again} gave no report:\n{done.stdout}{done.stderr[-3000:]}"
    report = json.loads(done.stdout)
    assert report["good"], f"{again}\n{json.dumps(report, indent=1)}"
    assert done.returncode == 0
