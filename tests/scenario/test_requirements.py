"""The page of requirements names files and tests that exist, and each row once."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/requirements.md").read_text()
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| S", line)]
COUNT = {"S0": 109, "S1": 220, "S2": 71, "S3": 70, "S4": 60, "SX": 46}


def test_each_row_is_known_and_stands_once():
    ids = [i for cells in ROWS for i in re.findall(r"\bS[0-4X]-\d+", cells[0])]
    assert len(ids) > 200
    assert sorted(ids) == sorted(set(ids)), [i for i in ids if ids.count(i) > 1]
    for i in ids:
        system, number = i.split("-")
        assert 1 <= int(number) <= COUNT[system], i


def test_files_and_tests_exist():
    for cells in ROWS:
        for path in re.findall(r"`([\w./-]*/[\w./-]+)`", "|".join(cells)):
            assert (ROOT / path).exists(), path
        tests = re.split(r"`(tests/[\w./]+)`", cells[2])
        assert len(tests) > 1, f"no test: {cells[0]}"
        for path, names in zip(tests[1::2], tests[2::2]):
            text = (ROOT / path).read_text()
            for name in re.findall(r"\w+", names):
                assert re.search(rf"\b{name}\(", text), f"{path} has no {name}"
