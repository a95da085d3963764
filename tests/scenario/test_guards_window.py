"""The guards of the window after which a send that nobody knows the end of is given up."""
import pytest

from hold import LOST, conversation_of, guard, meanwhile, status, wait_states
from instance import wait_until
from play import phone, tell

SETTINGS = {"sender.request_timeout": "700ms", "sender.send_deadline": "1s", "sender.uncertain_window": "1800ms"}
PATIENCE = 10


@pytest.fixture
def instance(shared):
    yield shared
    shared.control("reset")


def wait_past_window(instance, who):
    """Until the row would have been given up several ticks ago."""
    wait_until(lambda: instance.db("select 1 from munim.guard g join munim.conversation c using (conversation_id)"
                                   " where c.address = %s and (state <> 'UNCERTAIN' or"
                                   " uncertain_since < now() - interval '2200 ms')", who), PATIENCE, "the window's end")


def test_the_window_waits_for_statuses_that_are_not_read(instance):
    """Its partition of statuses has a later owner, so the sender cannot know what has been told."""
    who = phone()
    instance.behave(to=who, **LOST)
    instance.say("1m white cotton", who)
    wait_states(instance, who, "UNCERTAIN")
    instance.db("update munim.part set epoch = epoch + 1 where topic = %s", instance.name + ".receipt.v1")
    status(instance, who, "delivered")
    wait_past_window(instance, who)
    assert guard(instance, who) == ["UNCERTAIN"]
    instance.restart("munim-sender")
    wait_states(instance, who, "SENT")
    assert guard(instance, who, "settled_by") == ["receipt"]


def test_the_window_is_the_present_owner_s(instance):
    """A later owner has the partition of the message: only that one may give it up."""
    who = phone()
    instance.behave(to=who, **LOST)
    instance.say("1m white cotton", who)
    wait_states(instance, who, "UNCERTAIN")
    instance.db("update munim.part set epoch = epoch + 1 where topic = %s", instance.name + ".outbound.v1")
    wait_past_window(instance, who)
    assert guard(instance, who) == ["UNCERTAIN"]
    instance.restart("munim-sender")
    wait_states(instance, who, "UNKNOWN", "SENT")


def test_the_window_ends_after_a_status_settled_it(instance):
    """Found as due, and settled before it was given up: it stays SENT, and nothing is sent again."""
    who = phone()
    instance.behave(to=who, **LOST)
    instance.say("1m white cotton", who)
    wait_states(instance, who, "UNCERTAIN")
    conversation = conversation_of(instance, who)
    with meanwhile(instance, ("select 1 from munim.conversation where conversation_id = %s for update",
                               conversation)) as held:
        held.waited_for("munim-sender")
        held.do("update munim.guard set state = 'SENT', settled_by = 'receipt', settled_at = now(), provider_id = %s"
                " where conversation_id = %s", instance.sends(who)[0]["id"], conversation)
    tell(instance, who, "haan confirm")
    wait_states(instance, who, "SENT", "SENT")
    assert instance.db("select 1 from munim.outbox where resend_of is not null and conversation_id = %s", conversation) == []
