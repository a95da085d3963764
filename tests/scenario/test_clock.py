"""The wall clock is set back by hours while a process waits: its waits are no longer for that."""
import sys

import pytest

from instance import ROOT, http, wait_until
from play import message, phone, webhook_of

sys.path.append(str(ROOT / "tests/chaos"))
from clocks import Clock, seconds_off  # noqa: E402
from proxy import Proxies  # noqa: E402

PROGRAMS = ("munim-ingress", "munim-worker", "munim-sender")
AHEAD = 7200
PATIENCE = 30


@pytest.fixture
def link(services):
    """What stands between the processes and the first broker they are told of."""
    proxies = Proxies()
    host, port = services.bootstrap.rsplit(":", 1)
    yield proxies.add(lambda: (host, int(port)))
    proxies.close()


def ready(instance, name):
    admin = instance.address(name).get("admin")
    return admin and http(f"http://{admin}/readyz")[0] == 200


def test_set_back_while_the_broker_is_away(new_instance, link, tmp_path):
    """Every process starts two hours ahead, without a broker; the clock is mended first, the broker comes then."""
    instance = new_instance({"kafka.bootstrap": link.address})
    clock = Clock(tmp_path / "clock")
    clock.leap(AHEAD)
    link.strike("refuse", 3600)
    for program in PROGRAMS:
        instance.extra[program] = clock.environment
        instance.launch(program)
    for program in PROGRAMS:
        wait_until(lambda: "kafka client" in instance.tail(program), PATIENCE, f"{program}'s try to connect")
    refused = link.struck["refuse"]
    wait_until(lambda: link.struck["refuse"] > refused + 6, PATIENCE, "further tries of each")
    clock.leap(0)
    link.heal()
    for program in PROGRAMS:
        wait_until(lambda: ready(instance, program), PATIENCE, f"readiness of {program}")
        assert abs(seconds_off(instance.address(program)["admin"])) < 60
    instance.kept["ingress"] = instance.address("munim-ingress")["ingress"]
    assert instance.webhook(webhook_of(instance.account_id, message(phone(), "namaste", "wamid.clock")))[0] == 200
    wait_until(lambda: instance.db("select 1 from munim.inbox where message_id = 'wamid.clock'"), PATIENCE, "its turn")
