"""The systemd units speak of programs, settings and files that there are."""
import os
import re
import subprocess

import pytest

from instance import BIN, ROOT

DIR = ROOT / "deploy/systemd"
UNITS = sorted(DIR.glob("*.service"))
SECRETS = {"MUNIM_WHATSAPP_APP_SECRET_FILE", "MUNIM_WHATSAPP_VERIFY_TOKEN_FILE", "MUNIM_WHATSAPP_ACCESS_TOKEN_FILE"}


def values(unit, key):
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.M)


def assignments(unit):
    return dict(word.split("=", 1) for line in values(unit, "Environment") for word in line.split())


def config(*args, **env):
    """`munim config` without any setting of this machine."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MUNIM_")
             and k not in ("KAFKA_BOOTSTRAP", "DATABASE_URL")}
    done = subprocess.run([BIN / "munim", "config", *args], env={**clean, "MUNIM_VAR": "/nonexistent", **env},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_daemon_has_a_unit():
    named = {os.path.basename(values(unit, "ExecStart")[0].split()[0]) for unit in UNITS}
    assert named == {"munim-ingress", "munim-worker", "munim-sender", "munim-lag", "munim-pool"}
    wanted = re.search(r"^Wants=(.*)$", (DIR / "munim.target").read_text(), re.M).group(1).split()
    assert {re.sub(r"@\d+\.", "@.", name) for name in wanted} == {
        unit.name for unit in UNITS if unit.name != "munim.service"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_fits_its_program(unit):
    command = values(unit, "ExecStart")[0].split()
    program = BIN / os.path.basename(command[0])
    usage = subprocess.run([program, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert all(flag.split("=")[0] in usage for flag in command[1:])
    assert values(unit, "Type") == ["notify"]
    # 64 and 78 do not pass by themselves; the rest is tried for ever.
    assert "64 for a wrong call" in usage and "78 for a wrong" in usage
    assert values(unit, "RestartPreventExitStatus") == ["64 78"]
    assert (values(unit, "Restart"), values(unit, "StartLimitIntervalSec")) == (["always"], ["0"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_settings_of_a_unit_exist(unit):
    known = set(re.findall(r"`(MUNIM_[A-Z_]+)`", config("--markdown")))
    given = {name for name in assignments(unit) if name not in ("MUNIM_CONFIG", "MUNIM_VAR")}
    assert len(known) > 30 and given <= known
    # Each secret comes as a credential under the name that the setting uses.
    loaded = {line.split(":")[0] for line in values(unit, "LoadCredential")}
    assert {value for name, value in assignments(unit).items() if name in SECRETS} == {f"%d/{name}" for name in loaded}


def test_who_gets_which_secret():
    given = {unit.name: {name for name in assignments(unit) if name in SECRETS} for unit in UNITS}
    assert given == {
        "munim.service": SECRETS, "munim-ingress.service": SECRETS - {"MUNIM_WHATSAPP_ACCESS_TOKEN_FILE"},
        "munim-sender.service": {"MUNIM_WHATSAPP_ACCESS_TOKEN_FILE"}, "munim-worker@.service": set(),
        "munim-lag.service": set()}


def test_there_are_files_enough_for_the_connections():
    connections = int(re.search(r"^connections=(\d+)$", config(), re.M).group(1))
    for name in ("munim.service", "munim-ingress.service"):
        assert int(values(DIR / name, "LimitNOFILE")[0]) > connections


def test_the_pool_has_time_for_each_stage_of_its_drain():
    seconds = int(re.search(r"^drain_timeout=(\d+)s$", config().split("[pool]")[1], re.M).group(1))
    tree = subprocess.run([BIN / "munim-pool", "--tree"], stdout=subprocess.PIPE, text=True, check=True).stdout
    stages = len(set(re.findall(r"drain stage (\d)", tree)))
    assert stages == 4 and int(values(DIR / "munim.service", "TimeoutStopSec")[0].rstrip("s")) > stages * seconds


def test_the_sample_configuration_is_read(tmp_path):
    printed = config(MUNIM_CONFIG=str(DIR / "munim.ini"))
    for line in (DIR / "munim.ini").read_text().splitlines():
        assert line.startswith(("#", "[")) or not line or line in printed.splitlines()
