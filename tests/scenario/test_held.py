"""When nobody tells within the window whether a message arrived: what happens is a matter of its class."""
import json

import pytest

import invariants
from instance import wait_until
from play import ask, phone, tell, told

SETTINGS = {"sender.request_timeout": "700ms", "sender.send_deadline": "1s", "sender.uncertain_window": "2s"}
MARK = "(dobara bheja / sent again) "


@pytest.fixture
def instance(shared):
    """Nothing may stay held behind a test."""
    yield shared
    shared.control("reset")
    for one in held(shared):
        rule(shared, "leave", one["key"])


def guard_of(instance, who):
    """[(class, state, settled by)] of what was said to the customer, in order."""
    return instance.db("select g.class, g.state, g.settled_by from munim.guard g join munim.conversation c"
                       " using (conversation_id) where c.address = %s order by g.seq", who)


def held(instance):
    return [json.loads(line) for line in instance.munim("held", "list", "--json").splitlines()]


def rule(instance, verb, key):
    out = instance.munim("held", verb, key)
    wait_until(lambda: key not in [one["key"] for one in held(instance)], 20, f"the end of {key}")
    return out


def hold_a_bill(instance, who, accepted):
    """A whole order whose bill the channel answers with silence; returns what is held."""
    order = ask(instance, who, "1m white cotton")
    instance.behave("hang", to=who, times=1, accepted=accepted, statuses="none")
    assert instance.approve(order["order_id"])[0] == 0
    wait_until(lambda: guard_of(instance, who)[-1] == ("bill", "UNKNOWN", "held"), 30, "a held bill")
    one, = [one for one in held(instance) if one["class"] == "bill"]
    return one


def test_a_bill_is_held_and_sent_again_at_a_word(instance):
    who = phone()
    one = hold_a_bill(instance, who, accepted=False)
    assert instance.metric("munim_sender_held_total", process="munim-sender") >= 1
    assert len(one["key"]) == 64 and one["since"].endswith("Z")
    number = instance.db("select number from munim.invoice i join munim.orders o using (order_id) join munim.conversation c"
                         " using (conversation_id) where c.address = %s", who)[0][0]
    assert number in one["text"] and not [text for text in told(instance, who) if number in text]
    # The conversation goes on meanwhile, and nothing is sent by itself.
    tell(instance, who, "2m white poplin")
    assert [row[2] for row in guard_of(instance, who) if row[0] == "bill"] == ["held"]
    rule(instance, "resend", one["key"][:12] if len(held(instance)) == 1 else one["key"])
    last = wait_until(lambda: number in told(instance, who)[-1] and told(instance, who)[-1], 20, "the bill")
    assert last == MARK + one["text"]
    assert guard_of(instance, who)[-1][0] == "bill"
    invariants.settle(instance)
    assert [row[1:] for row in guard_of(instance, who) if row[0] == "bill"] == [("UNKNOWN", "owner"), ("SENT", "answer")]


def test_a_bill_that_had_arrived_is_left(instance):
    who = phone()
    one = hold_a_bill(instance, who, accepted=True)
    before = len(instance.sends(who))
    rule(instance, "leave", one["key"])
    invariants.settle(instance)
    assert guard_of(instance, who)[-1] == ("bill", "UNKNOWN", "owner") and len(instance.sends(who)) == before
    # Too late to change one's mind, and said so.
    code, _, errors = instance.munim("held", "resend", one["key"], check=False)
    assert code == 1 and "no such message" in errors


def test_a_late_word_ends_the_holding(instance):
    who = phone()
    one = hold_a_bill(instance, who, accepted=True)
    send = instance.sends(who)[-1]
    assert send["dedupe_key"] == one["key"]
    instance.control("status", {"account_id": send["account_id"], "id": send["id"], "to": who, "status": "delivered",
                                "dedupe_key": one["key"]})
    wait_until(lambda: one["key"] not in [x["key"] for x in held(instance)], 20, "the end of the holding")
    assert guard_of(instance, who)[-1] == ("bill", "UNKNOWN", "receipt")


def test_the_same_ruling_twice_sends_once(instance):
    who = phone()
    one = hold_a_bill(instance, who, accepted=False)
    rule(instance, "resend", one["key"])
    topics = instance.topics()
    record = [r for r in topics.records("receipt.v1") if one["key"].encode() in r.value and r.type.endswith("ruling.v1")][-1]
    topics.put("receipt.v1", record.value, record.key, {"ce_type": record.type})
    topics.put("receipt.v1", record.value.replace(b"resend", b"leave"), record.key, {"ce_type": record.type})
    invariants.settle(instance)
    assert [text for text in told(instance, who) if text == MARK + one["text"]] == [MARK + one["text"]]
    assert instance.db("select count(*) from munim.outbox where resend_of = %s", one["key"]) == [(1,)]


def test_a_greeting_is_dropped(instance):
    who = phone()
    instance.behave("hang", to=who, times=1, accepted=False)
    instance.say("namaste", who)
    wait_until(lambda: guard_of(instance, who) == [("greeting", "UNKNOWN", "window")], 30, "its end")
    invariants.settle(instance)
    assert told(instance, who) == [] and [one for one in held(instance) if one["class"] == "greeting"] == []
    assert instance.metric("munim_sender_dropped_total", process="munim-sender") >= 1
    tell(instance, who, "1m white cotton")


def test_the_second_try_of_an_answer_is_held(instance):
    who = phone()
    instance.behave("hang", to=who, times=2, accepted=False)
    instance.say("1m white cotton", who)
    wait_until(lambda: guard_of(instance, who) == [("reply", "UNKNOWN", "window"), ("reply", "UNKNOWN", "held")], 30, "both")
    one, = held(instance)
    assert one["text"].startswith(MARK)
    rule(instance, "resend", one["key"])
    wait_until(lambda: told(instance, who) == [one["text"]], 20, "the third try, marked once")


def test_a_ruling_of_nobody(instance):
    """None of these is held: the sender says so once and goes on."""
    topics = instance.topics()
    before = instance.metric("munim_sender_refused_total", '{topic="receipt"}', "munim-sender")
    headers = {"ce_type": "munim.receipt.ruling.v1"}
    for value in (b"", b"{}", b'{"verb":"burn"}'):
        topics.put("receipt.v1", value, "919800000000", headers)
    topics.put("receipt.v1", json.dumps({"channel": "whatsapp", "account_id": instance.account_id, "dedupe_key": "0" * 64,
                                         "verb": "resend", "by": "nobody"}), "919800000000", headers)
    wait_until(lambda: instance.metric("munim_sender_refused_total", '{topic="receipt"}', "munim-sender") == before + 3, 20,
               "three refusals")
    instance.munim("held", "list")


@pytest.mark.parametrize("call", [[], ["list", "all"], ["resend"], ["resend", "abc"], ["drop", "0" * 64],
                                  ["leave", "0" * 64, "now"]])
def test_wrong_calls(instance, call):
    code, out, errors = instance.munim("held", *call, check=False)
    assert (code, out) == (2, "") and "usage: munim held" in errors


def test_nothing_is_held(instance):
    assert instance.munim("held", "list") == "Nothing is held.\n"
    code, _, errors = instance.munim("held", "leave", "0" * 64, check=False)
    assert code == 1 and "munim held list" in errors
    code, _, errors = instance.munim("held", "list", "--postgres.url=postgresql://munim@127.0.0.1:1/munim", check=False)
    assert code == 1 and "Postgres does not answer" in errors
