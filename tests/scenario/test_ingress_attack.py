"""munim-ingress under attack: what could be read in two ways is refused, and honest webhooks are answered meanwhile."""
import json
import pathlib
import socket
import sys

import pytest
from confluent_kafka import KafkaException

from instance import ROOT, Instance, wait_until
from play import message, phone, webhook_of
from smuggling import CASES

sys.path.insert(0, str(pathlib.Path(ROOT) / "tests/bench"))
import attack  # noqa: E402

TOPICS = ("inbound.v1", "receipt.v1", "inbound.v1.dlq")
SECONDS = 3
IDLE = 2000
PATIENT_MS = 10000  # far above what an attack may cost: the machine may be busy with other things


@pytest.fixture(scope="module")
def ingress(services, tmp_path_factory):
    """Only the process under attack; slow requests are given up early, so that the test sees it."""
    one = Instance(services, tmp_path_factory.mktemp("munim"), {"ingress.request_deadline": "2s"})
    try:
        yield one.start("munim-ingress")
    finally:
        one.end()


def answers(instance, raw):
    """The final statuses of one connection on which these bytes are sent."""
    host, port = instance.kept["ingress"].split(":")
    got = b""
    with socket.create_connection((host, int(port)), timeout=30) as s:
        try:
            s.sendall(raw)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has answered and goes
        while part := s.recv(65536):
            got += part
    return [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:]]


def stored(instance):
    """Records in the topics that ingress writes to."""
    def count():
        try:
            return [sum(sum(instance.topics().ends(topic).values()) for topic in TOPICS)]
        except KafkaException:
            return None  # a new topic's leader is not known everywhere yet
    return wait_until(count, 30, "the topics' ends")[0]


def test_there_are_enough_cases():
    assert len(CASES) >= 60 and len({name for name, _, _ in CASES}) == len(CASES)


def test_nothing_is_smuggled(ingress):
    """Every case at once and byte by byte: the same answers, and no request inside another."""
    before = stored(ingress)
    wrong = [f"{name}: {got} instead of {want}" for name, raw, want in CASES
             if (got := answers(ingress, raw)) != want]
    assert not wrong, "\n".join(wrong)
    assert stored(ingress) == before


def test_a_signature_over_the_same_json_in_other_bytes(ingress):
    """What was signed is the bytes: the same object, printed anew, is refused, the bytes themselves are taken."""
    before = stored(ingress)
    body = json.dumps(webhook_of(ingress.account_id, message(phone(), "नीला cotton / 20m")), ensure_ascii=True,
                      indent=1).encode()
    signature = ingress.signed(body)[1]
    assert ingress.webhook(body, signature)[0] == 200
    for other in (json.dumps(json.loads(body)).encode(), json.dumps(json.loads(body), ensure_ascii=False).encode(),
                  body + b"\n", body.replace(b"/", b"\\/"), body.replace(b"\\u0928", "न".encode())):
        assert other != body
        assert ingress.webhook(other, signature) == (401, b"signature_wrong")
    assert stored(ingress) == before + 1


@pytest.mark.parametrize("kind", attack.KINDS)
def test_honest_webhooks_are_answered_meanwhile(ingress, kind):
    before = stored(ingress)
    result = attack.measure(ingress, kind, SECONDS, IDLE if kind == "idle" else 300, customers=2, every=0.1)
    print(attack.line(result))
    assert result["sent"] >= 4 and result["answered"] == result["sent"], result
    assert result["p99_ms"] < PATIENT_MS, result
    assert stored(ingress) == before + result["answered"]
    # Nothing of the attack stays.
    wait_until(lambda: ingress.metric("munim_ingress_connections") == 0, 30, "the attackers' connections to end")


def test_a_crowd_at_the_cap_keeps_nobody_out(new_instance):
    """More silent connections than there are places: whoever has something to say takes the place of one."""
    small = new_instance({"ingress.connections": "50"}).start("munim-ingress")
    result = attack.measure(small, "idle", SECONDS, 200, customers=2, every=0.1)
    print(attack.line(result))
    assert result["answered"] == result["sent"] >= 4, result
    assert small.metric("munim_ingress_refused_total", '{reason="displaced"}') > 0
