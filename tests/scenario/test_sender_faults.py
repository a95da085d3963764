"""A channel that misbehaves: every message reaches it once or is known not to, and each conversation keeps its order.

The simulator counts requests and is the witness of what was accepted; nothing here waits for a fixed time but for what
Postgres and the simulator tell.
"""
import pytest

import invariants
from instance import wait_until
from play import ask, message, phone, tell, told, webhook_of

# A request that is not answered ends soon; what is uncertain then stays so until a test tells the receipt.
SETTINGS = {"sender.request_timeout": "700ms", "sender.send_deadline": "1s", "sender.uncertain_window": "120s"}
# As above, but who hears nothing for so long sends again.
IMPATIENT = {**SETTINGS, "sender.uncertain_window": "2s"}


@pytest.fixture
def instance(shared):
    yield shared
    shared.control("reset")


@pytest.fixture
def impatient(new_instance):
    one = new_instance(IMPATIENT).start()
    yield one
    invariants.check(one)


def requests(instance):
    return invariants.counts(instance)["requests"]


def guards(instance, who):
    """(sequence, state, settled by, error code) of everything said to the customer, in order."""
    return instance.db("select g.seq, g.state, coalesce(g.settled_by, ''), coalesce(g.error_code, '')"
                       " from munim.guard g join munim.conversation c using (conversation_id)"
                       " where c.address = %s order by g.seq", who)


def states(instance, who):
    return [state for _, state, _, _ in guards(instance, who)]


def wait_states(instance, who, *wanted, timeout=20):
    wait_until(lambda: states(instance, who) == list(wanted), timeout, f"{wanted}, not {states(instance, who)}")


def receipt(instance, who, n, status, named=True):
    """The channel tells of the n-th message that it accepted for the customer."""
    send = instance.sends(who)[n]
    instance.control("status", {"account_id": send["account_id"], "id": send["id"], "to": who, "status": status,
                                **({"dedupe_key": send["dedupe_key"]} if named else {})})


@pytest.mark.parametrize("http, code", [(429, 130429), (400, 131056), (503, 2), (500, 131016), (400, 80007), (400, 4),
                                        (500, 131057)])
def test_a_refusal_that_passes(instance, http, code):
    """Tried again, by the same name, until it is taken; what comes behind it waits."""
    who = phone()
    instance.behave("refuse", to=who, times=2, http=http, code=code)
    before = requests(instance)
    for text in ("1m white cotton", "haan confirm"):
        instance.say(text, who)
    instance.wait_sends(2, who)
    wait_states(instance, who, "SENT", "SENT")
    assert requests(instance) == before + 4
    assert instance.metric("munim_sender_retries_total", f'{{code="{code}"}}', "munim-sender") >= 2


def test_a_throttled_one_waits_as_long_as_it_is_told(instance):
    who = phone()
    instance.behave("refuse", to=who, times=1, http=429, code=130429, retry_after=2)
    instance.say("1m white cotton", who)
    wait_until(lambda: guards(instance, who) == [(1, "PENDING", "", "130429")], 20, "the refusal")
    assert instance.db("select not_before - now() > interval '1 second' from munim.guard g join munim.conversation c"
                       " using (conversation_id) where c.address = %s", who) == [(True,)]
    wait_states(instance, who, "SENT")


def test_a_refused_token_stops_nobody_for_good(instance):
    """The account waits, an error is logged, and with a token that is taken everything goes out once."""
    who, other = phone(), phone()
    instance.behave("refuse", to=who, times=1, http=401, code=190)
    instance.say("1m white cotton", who)
    wait_until(lambda: instance.metric("munim_sender_account_stops_total", '{code="190"}', "munim-sender") >= 1, 20,
               "the stop")
    instance.say("1m white cotton", other)
    wait_states(instance, who, "SENT")
    wait_states(instance, other, "SENT")
    assert "level=error" in instance.tail("munim-sender", 400)


@pytest.mark.parametrize("code", [131026, 131047, 100])
def test_a_refusal_for_good_opens_the_gate(instance, code):
    who = phone()
    instance.behave("refuse", to=who, times=1, http=400, code=code)
    before = requests(instance)
    instance.say("1m white cotton", who)
    wait_until(lambda: guards(instance, who) == [(1, "FAILED", "answer", str(code))], 20, "the failure")
    assert requests(instance) == before + 1
    # The customer has not heard the summary, and is served all the same.
    tell(instance, who, "2m white cotton")
    wait_states(instance, who, "FAILED", "SENT")


@pytest.mark.parametrize("what", [{"mode": "hang", "accepted": True}, {"mode": "close", "accepted": True},
                                  {"mode": "late", "delay_ms": 3000},
                                  {"mode": "refuse", "http": 500, "code": 0, "accepted": True},
                                  {"mode": "refuse", "http": 500, "code": 131000, "accepted": True}],
                         ids=["hang", "close", "late", "unreadable-500", "131000"])
def test_what_is_not_known_is_settled_by_the_receipt(instance, what):
    """Accepted, and the answer lost: never sent blindly again; the status that names our key tells, the rest goes."""
    who = phone()
    instance.behave(to=who, times=1, statuses="none", **what)
    before = requests(instance)
    instance.say("1m white cotton", who)
    instance.say("haan confirm", who)
    wait_until(lambda: states(instance, who)[:1] == ["UNCERTAIN"], 20, "uncertainty")
    # Behind it the conversation waits, and nobody else does.
    other = phone()
    tell(instance, other, "1m white cotton")
    wait_states(instance, who, "UNCERTAIN", "PENDING")
    assert (len(instance.sends(who)), requests(instance)) == (1, before + 2)
    receipt(instance, who, 0, "delivered")
    wait_states(instance, who, "SENT", "SENT")
    assert guards(instance, who)[0][2] == "receipt"
    assert len(instance.sends(who)) == 2 and requests(instance) == before + 3


def test_a_failed_receipt_settles_too(instance):
    who = phone()
    instance.behave("hang", to=who, times=1, accepted=True, statuses="none")
    instance.say("1m white cotton", who)
    wait_states(instance, who, "UNCERTAIN")
    receipt(instance, who, 0, "failed")
    wait_states(instance, who, "FAILED")
    tell(instance, who, "haan confirm")
    wait_states(instance, who, "FAILED", "SENT")


def test_receipts_that_come_while_the_request_still_runs(instance):
    """The channel's status overtakes its own answer."""
    who = phone()
    instance.behave("hang", to=who, times=1, accepted=True, status_ms=1)
    before = requests(instance)
    instance.say("1m white cotton", who)
    wait_states(instance, who, "SENT")
    instance.say("haan confirm", who)
    wait_states(instance, who, "SENT", "SENT")
    assert requests(instance) == before + 2


def test_a_late_answer_within_the_time(instance):
    who = phone()
    instance.behave("late", to=who, times=1, delay_ms=300)
    before = requests(instance)
    instance.say("1m white cotton", who)
    instance.say("haan confirm", who)
    wait_states(instance, who, "SENT", "SENT")
    assert guards(instance, who)[0][2] in ("answer", "receipt") and requests(instance) == before + 2


def test_a_reused_connection_that_dies_counts_one(instance):
    """libcurl repeats a POST by itself when a reused connection turns out dead; the channel must see one request."""
    who = phone()
    tell(instance, who, "1m white cotton")  # the connection is open now, and kept
    for n in range(3):
        instance.behave("close", to=who, times=1, accepted=n % 2 == 0, statuses="none")
        before, sent = requests(instance), len(instance.sends(who))
        instance.say(f"{n + 2}m white cotton", who)
        wait_until(lambda: states(instance, who)[-1] == "UNCERTAIN", 20, "uncertainty")
        assert requests(instance) == before + 1, "the library has sent it again by itself"
        assert len(instance.sends(who)) == sent + (n % 2 == 0)
        if n % 2 == 0:
            receipt(instance, who, -1, "sent")
        else:  # the status of what never was accepted cannot come: an operator's look-up settles it here
            key = instance.db("select dedupe_key from munim.guard where state = 'UNCERTAIN'")[0][0]
            instance.control("status", {"account_id": instance.account_id, "id": "wamid.none", "to": who,
                                        "status": "failed", "dedupe_key": key})
        wait_until(lambda: states(instance, who)[-1] in ("SENT", "FAILED"), 20, "the end")


@pytest.mark.parametrize("how", ["twice", "reverse"])
def test_statuses_in_any_order(instance, how):
    """Each time is kept once set, and nothing goes back."""
    who = phone()
    instance.behave("accept", to=who, statuses=how)
    instance.say("1m white cotton", who)
    instance.wait_sends(1, who)
    invariants.settle(instance)
    provider_id = instance.sends(who)[0]["id"]
    times = "select sent_at, delivered_at, read_at, failed_at from munim.delivery where provider_id = %s"
    first = instance.db(times, provider_id)
    assert len(first) == 1 and None not in first[0][:3] and first[0][3] is None
    for status in ("read", "sent", "a status of next year", "delivered"):
        receipt(instance, who, 0, status)
    invariants.settle(instance)
    assert instance.db(times, provider_id) == first and states(instance, who) == ["SENT"]


def test_statuses_of_what_nobody_sent(instance):
    """Of an unknown message, with an unknown key, with another's key: counted, and nothing is settled by them."""
    name = "munim_sender_unknown_receipts_total"
    who = phone()
    instance.behave("hang", to=who, times=1, accepted=True, statuses="none")
    instance.say("1m white cotton", who)
    wait_states(instance, who, "UNCERTAIN")
    before = instance.metric(name, process="munim-sender")
    for key in ({}, {"dedupe_key": "0" * 64}, {"dedupe_key": "no key at all ' \" \\ \u0939"}):
        instance.control("status", {"account_id": instance.account_id, "id": "wamid.unknown", "to": who,
                                    "status": "delivered", **key})
    wait_until(lambda: instance.metric(name, process="munim-sender") >= before + 3, 20, "the count")
    assert states(instance, who) == ["UNCERTAIN"]
    receipt(instance, who, 0, "sent")
    wait_states(instance, who, "SENT")


def test_an_outbound_record_that_cannot_be_sent(instance):
    """Whoever wrote it: refused with its bytes, and the partition goes on behind it."""
    for value in (b"no json", b"{}", b"", b"\xff\xfe"):
        partition, offset = instance.topics().put("outbound.v1", value,
                                                  headers={"ce_type": "munim.outbound.message.v1"})
        wait_until(lambda: instance.db('select 1 from munim.refused where topic = %s and partition = %s'
                                       ' and "offset" = %s', instance.name + ".outbound.v1", partition, offset),
                   20, "the refused row")
    assert tell(instance, phone(), "1m white cotton")


def test_the_same_outbound_record_again_says_nothing(instance):
    who = phone()
    tell(instance, who, "1m white cotton")
    topics = instance.topics()
    for record in [one for one in topics.records("outbound.v1") if one.key == who] * 2:
        topics.put("outbound.v1", record.value, record.key, {"ce_type": record.type})
    invariants.settle(instance)
    assert len(instance.sends(who)) == 1


def test_no_word_for_the_whole_window_sends_once_more(impatient):
    """Marked, at the conversation's end, by a key of its own; and what was said meanwhile is in order."""
    who = phone()
    impatient.behave("hang", to=who, times=1, accepted=True, statuses="none")
    impatient.behave("accept", to=who, statuses="none")
    impatient.say("1m white cotton", who)
    impatient.say("haan confirm", who)
    wait_states(impatient, who, "UNKNOWN", "SENT", "SENT", timeout=30)
    summary, asked, again = told(impatient, who)
    assert again.endswith(summary) and again != summary and not asked.endswith(summary)
    assert [settled for _, _, settled, _ in guards(impatient, who)] == ["window", "answer", "answer"]
    keys = [send["dedupe_key"] for send in impatient.sends(who)]
    assert len(set(keys)) == 3
    assert impatient.db("select resend_of from munim.guard where dedupe_key = %s", keys[2]) == [(keys[0],)]
    assert impatient.metric("munim_sender_resent_total", process="munim-sender") == 1
    # A receipt that comes after all changes nothing any more.
    receipt(impatient, who, 0, "delivered")
    invariants.settle(impatient)
    assert states(impatient, who) == ["UNKNOWN", "SENT", "SENT"] and len(impatient.sends(who)) == 3


def test_a_resend_that_stays_unknown_is_the_last(impatient):
    who = phone()
    impatient.behave("hang", to=who, times=2, accepted=False)
    before = requests(impatient)
    impatient.say("1m white cotton", who)
    wait_states(impatient, who, "UNKNOWN", "UNKNOWN", timeout=30)
    invariants.settle(impatient)
    assert requests(impatient) == before + 2 and impatient.sends(who) == []
    tell(impatient, who, "haan confirm")
    wait_states(impatient, who, "UNKNOWN", "UNKNOWN", "SENT")


def test_a_window_too_short_is_refused_at_the_start(new_instance):
    instance = new_instance({**SETTINGS, "sender.uncertain_window": "1700ms"})
    instance.start("munim-ingress", "munim-sim")
    instance.launch("munim-sender")
    assert instance.processes["munim-sender"].wait(20) == 78
    assert "uncertain_window" in instance.tail("munim-sender")


def test_a_storm_of_all_of_it(instance):
    """Many customers, a channel that refuses, throttles, hangs and answers late at random: all end, in order, once."""
    people = [phone() for _ in range(12)]
    for n, who in enumerate(people):
        for rule in ({"mode": "refuse", "http": 429, "code": 130429}, {"mode": "hang", "accepted": True},
                     {"mode": "late", "delay_ms": 200}, {"mode": "close", "accepted": True},
                     {"mode": "refuse", "http": 400, "code": 131026})[n % 5:]:
            instance.behave(to=who, times=1, **rule)
    for text in ("1m white cotton", "2m red cotton", "haan confirm"):
        for who in people:
            assert instance.webhook(webhook_of(instance.account_id, message(who, text)))[0] == 200
    invariants.settle(instance, 60)
    for who in people:
        assert len(guards(instance, who)) == 3 and set(states(instance, who)) <= {"SENT", "FAILED"}


def test_the_line_is_whole_after_all_that(instance):
    order = ask(instance, phone())
    assert instance.approve(order["order_id"])[0] == 0
