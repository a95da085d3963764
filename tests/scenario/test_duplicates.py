"""The channel repeats itself: the same webhook again, at the same instant, on another connection, after a crash. Each
message has one effect, and its customer one answer."""
import http.client
import threading
import uuid

import pytest

import invariants
from instance import wait_until
from play import ask, message, order_of, phone, webhook_of

SETTINGS = {"kafka.session_timeout": "2s"}


@pytest.fixture
def instance(shared):
    return shared


def effects(instance, who, message_id):
    """(records, inbox rows, chat rows, answers) of one message."""
    invariants.settle(instance)
    return (sum(message_id.encode() in record.value for record in instance.topics().records("inbound.v1")),
            instance.db("select count(*) from munim.inbox where message_id = %s", message_id)[0][0],
            instance.db("select count(*) from munim.message where message_id = %s", message_id)[0][0],
            len(instance.sends(who)))


def at_once(times, what):
    """Runs the function so often at the same instant; its results."""
    ready, results = threading.Barrier(times), []

    def one():
        ready.wait()
        results.append(what())

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_three_times_one_after_another(instance):
    who, message_id = phone(), "wamid." + uuid.uuid4().hex
    body = webhook_of(instance.account_id, message(who, "1m white cotton", message_id))
    for _ in range(3):
        assert instance.webhook(body)[0] == 200
        wait_until(lambda: len(instance.sends(who)) == 1, 20, "the answer")
    assert effects(instance, who, message_id) == (3, 1, 1, 1)


def test_at_the_same_instant(instance):
    who, message_id = phone(), "wamid." + uuid.uuid4().hex
    body = webhook_of(instance.account_id, message(who, "1m white cotton", message_id))
    assert at_once(12, lambda: instance.webhook(body)[0]) == [200] * 12
    assert effects(instance, who, message_id) == (12, 1, 1, 1)


def test_a_batch_and_its_parts(instance):
    """Redelivered, messages may come in other company: what counts is the message."""
    who, ids = phone(), ["wamid." + uuid.uuid4().hex for _ in range(3)]
    parts = [message(who, text, one) for text, one in zip(("1m white cotton", "2m red cotton", "haan confirm"), ids)]
    twice = webhook_of(instance.account_id, *parts, parts[0], parts[2])
    assert at_once(2, lambda: instance.webhook(twice)[0]) == [200, 200]
    for one in parts:
        assert instance.webhook(webhook_of(instance.account_id, one))[0] == 200
    instance.wait_sends(3, who)
    assert [effects(instance, who, one)[1:] for one in ids] == [(1, 1, 3)] * 3
    order_id, state = order_of(instance, who)
    assert state == "WAITING_OWNER_CONFIRMATION"
    assert instance.db("select count(*) from munim.order_line where order_id = %s", order_id) == [(2,)]


def test_the_confirmation_three_times(instance):
    """The message that promises goods: they are promised once."""
    who, message_id = phone(), "wamid." + uuid.uuid4().hex
    assert instance.webhook(webhook_of(instance.account_id, message(who, "50m red polyester")))[0] == 200
    instance.wait_sends(1, who)
    body = webhook_of(instance.account_id, message(who, "haan confirm", message_id))
    assert at_once(3, lambda: instance.webhook(body)[0]) == [200] * 3
    instance.wait_sends(2, who)
    assert effects(instance, who, message_id) == (3, 1, 1, 2)
    assert instance.db("select sum(length_um) from munim.hold where order_id = %s", order_of(instance, who)[0]) == [
        (50_000_000,)]


def test_the_same_id_at_two_numbers(instance):
    """A message id is the channel's word for one number; another account may use the same."""
    instance.db("insert into munim.account (channel, account_id, tenant_id)"
                " select channel, '200000000000002', tenant_id from munim.account limit 1")
    who, message_id = phone(), "wamid." + uuid.uuid4().hex
    for account in (instance.account_id, "200000000000002"):
        assert instance.webhook(webhook_of(account, message(who, "status?", message_id)))[0] == 200
    instance.wait_sends(2, who)
    invariants.settle(instance)
    assert instance.db("select count(*) from munim.inbox where message_id = %s", message_id) == [(2,)]
    assert {send["account_id"] for send in instance.sends(who)} == {instance.account_id, "200000000000002"}


def test_a_message_without_an_id(instance):
    """Its bytes are its name: the same webhook again is the same message, another text is another."""
    who = phone()
    nameless = message(who, "status?")
    del nameless["id"]
    for _ in range(3):
        assert instance.webhook(webhook_of(instance.account_id, nameless))[0] == 200
    nameless["text"]["body"] = "status please"
    assert instance.webhook(webhook_of(instance.account_id, nameless))[0] == 200
    instance.wait_sends(2, who)
    invariants.settle(instance)
    assert len(instance.sends(who)) == 2


def test_the_client_leaves_before_the_answer(instance):
    """What it sent is stored all the same, and its repetition is no second message."""
    who, message_id = phone(), "wamid." + uuid.uuid4().hex
    body = webhook_of(instance.account_id, message(who, "1m white cotton", message_id))
    raw, signature = instance.signed(body)
    for _ in range(3):
        connection = http.client.HTTPConnection(instance.kept["ingress"])
        connection.request("POST", "/webhooks/whatsapp", raw, {"X-Hub-Signature-256": signature})
        connection.close()
    assert instance.webhook(body)[0] == 200
    instance.wait_sends(1, who)
    assert effects(instance, who, message_id)[1:] == (1, 1, 1)


def test_across_a_worker_s_death(instance):
    """Repeated before, while and after the worker is killed and another takes over."""
    who, message_id = phone(), "wamid." + uuid.uuid4().hex
    body = webhook_of(instance.account_id, message(who, "1m white cotton", message_id))
    assert at_once(3, lambda: instance.webhook(body)[0]) == [200] * 3
    instance.kill("munim-worker")
    assert at_once(3, lambda: instance.webhook(body)[0]) == [200] * 3
    instance.start("munim-worker")
    assert instance.webhook(body)[0] == 200
    instance.wait_sends(1, who)
    assert effects(instance, who, message_id) == (7, 1, 1, 1)


def test_many_customers_all_twice(instance):
    """In group commits, with conversations that are born in the same group: each its own effect."""
    people = [phone() for _ in range(40)]
    bodies = [webhook_of(instance.account_id, message(who, "1m white cotton")) for who in people]
    jobs = iter(bodies * 2)
    lock = threading.Lock()

    def post():
        while True:
            with lock:
                body = next(jobs, None)
            if body is None:
                return True
            assert instance.webhook(body)[0] == 200

    assert at_once(8, post) == [True] * 8
    for who in people:
        instance.wait_sends(1, who)
    invariants.settle(instance)
    assert [len(instance.sends(who)) for who in people] == [1] * 40


def test_the_order_still_stands(instance):
    assert ask(instance, phone())["total_paise"] > 0
