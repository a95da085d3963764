"""The whole line: what customers and owner do with orders, and what the books say afterwards."""
import json
import threading
import uuid

import pytest

import invariants
from instance import wait_until
from play import ask, buy, order_of, phone, request_of, state_of, tell, told


@pytest.fixture
def instance(shared):
    return shared


def facts(instance, order_id):
    """Everything that an owner's decision may change about one order, and the shop's whole stock and books."""
    return (instance.db("select o.*, o.ctid::text from munim.orders o where order_id = %s", order_id),
            instance.db("select hold_id, state, length_um from munim.hold where order_id = %s order by 1", order_id),
            instance.db("select batch_id, rolls, rolls_held, rolls_sold from munim.batch order by 1"),
            instance.db("select piece_id, length_um, held_um, sold_um from munim.piece order by 1"),
            instance.db("select count(*) from munim.invoice"), instance.db("select count(*) from munim.ledger_entry"),
            instance.db("select * from munim.series"))


def test_two_items_in_one_message(instance):
    who = phone()
    summary = tell(instance, who, "10m blue cotton aur 6m red polyester")
    assert "blue cotton" in summary and "red polyester" in summary
    tell(instance, who, "haan confirm")
    order = request_of(instance, who)
    assert [(line["product"], line["quantity"], line["unit"]) for line in order["lines"]] == [
        ("blue cotton", "10", "m"), ("red polyester", "6", "m")]
    assert [line["amount_paise"] for line in order["lines"]] == [10 * 12000, 6 * 8500]
    # 5 % GST in halves, then to the rupee.
    assert order["total_paise"] == round((120000 + 51000) * 1.05 / 100) * 100
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"]) == (0, "completed")
    assert instance.db("select l.description, l.quantity_um from munim.invoice_line l join munim.invoice i"
                       " using (invoice_id) where i.order_id = %s order by line_no", order["order_id"]) == [
        ("blue cotton", 10_000_000), ("red polyester", 6_000_000)]
    # A whole roll, and a cut from the loose piece that leaves no useless end.
    assert instance.db("select b.dye_lot, h.rolls, h.length_um, h.state from munim.hold h join munim.batch b"
                       " using (batch_id) where h.order_id = %s order by h.line_no", order["order_id"]) == [
        ("L-17", 1, 10_000_000, "sold"), ("P-41", 0, 6_000_000, "sold")]


def test_hindi_from_the_first_word_to_the_bill(instance):
    who = phone()
    summary = tell(instance, who, "५ मीटर सफेद कॉटन चाहिए")
    assert "5" in summary and "₹" in summary
    assert "मालिक" in tell(instance, who, "हाँ")
    order = request_of(instance, who)
    assert [(line["product"], line["quantity"]) for line in order["lines"]] == [("white cotton", "5")]
    assert instance.approve(order["order_id"])[0] == 0
    wait_until(lambda: "बिल" in told(instance, who)[-1], 20, "the bill in Hindi")


def test_a_shortage_is_offered_and_taken(instance):
    who = phone()
    # 60 m of yellow cotton lie there, in one lot.
    offer = tell(instance, who, "75m yellow cotton")
    assert "60" in offer and "75" in offer
    assert order_of(instance, who)[1] == "CUSTOMER_NEGOTIATION"
    summary = tell(instance, who, "theek hai jitna hai utna de do")
    assert "60" in summary and order_of(instance, who)[1] == "FINAL_CUSTOMER_CONFIRMATION"
    tell(instance, who, "haan confirm")
    order = request_of(instance, who)
    assert [line["quantity"] for line in order["lines"]] == ["60"]
    assert instance.approve(order["order_id"])[0] == 0
    assert instance.db("select rolls - rolls_sold from munim.batch where dye_lot = 'L-22'") == [(0,)]
    # And now there is none.
    other = phone()
    tell(instance, other, "1m yellow cotton")
    assert order_of(instance, other)[1] == "CUSTOMER_NEGOTIATION"
    tell(instance, other, "cancel")


@pytest.mark.parametrize("words", ["cancel", "please cancel my order", "ऑर्डर रद्द कर दो", "order cancel kar do"])
def test_cancel(instance, words):
    """Before the owner is asked, and while he looks: what was promised is free again, and nothing is billed."""
    before, asked = phone(), phone()
    tell(instance, before, "4m black polyester")
    tell(instance, before, words)
    assert order_of(instance, before)[1] == "ORDER_CANCELLED"
    order = ask(instance, asked, "50m black polyester")
    assert instance.db("select sum(rolls_held) from munim.batch where dye_lot = 'P-42'") == [(1,)]
    tell(instance, asked, words)
    assert order_of(instance, asked) == (order["order_id"], "ORDER_CANCELLED")
    assert instance.db("select sum(rolls_held), sum(rolls_sold) from munim.batch where dye_lot = 'P-42'") == [(0, 0)]
    wait_until(lambda: order["order_id"] not in [one["order_id"] for one in instance.waiting()], 20, "its withdrawal")
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (6, "changed", None)
    assert state_of(instance, order["order_id"]) == "ORDER_CANCELLED"


def test_a_rejection_carries_its_reason(instance):
    who = phone()
    order = ask(instance, who, "10m maroon polyester")
    code, outcome = instance.reject(order["order_id"], "lot P-45 is damaged")
    assert (code, outcome["outcome"]) == (0, "rejected")
    assert state_of(instance, order["order_id"]) == "ORDER_REJECTED"
    wait_until(lambda: "lot P-45 is damaged" in told(instance, who)[-1], 20, "the reason at the customer")
    assert instance.db("select rolls_held, rolls_sold from munim.batch where dye_lot = 'P-45'") == [(0, 0)]
    assert instance.db("select 1 from munim.invoice where order_id = %s", order["order_id"]) == []
    # Approving it now is too late, and says so.
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (3, "already_decided", None)


def test_two_approvals_make_one_invoice(instance):
    who = phone()
    order = ask(instance, who)
    outcomes = []
    owners = [threading.Thread(target=lambda: outcomes.append(instance.approve(order["order_id"]))) for _ in range(3)]
    for owner in owners:
        owner.start()
    for owner in owners:
        owner.join()
    assert sorted(code for code, _ in outcomes) == [0, 3, 3]
    assert sorted(one["outcome"] for _, one in outcomes) == ["already_decided", "already_decided", "completed"]
    assert len({one["invoice_number"] for _, one in outcomes}) == 1 and outcomes[0][1]["invoice_number"]
    before = facts(instance, order["order_id"])
    code, again = instance.approve(order["order_id"])
    assert (code, again["outcome"], again["invoice_number"]) == (
        3, "already_decided", outcomes[0][1]["invoice_number"])
    code, again = instance.reject(order["order_id"], "too late")
    assert (code, again["outcome"]) == (3, "already_decided")
    assert facts(instance, order["order_id"]) == before
    assert len([text for text in told(instance, who) if again["invoice_number"] in text]) == 1


def test_the_same_decision_twice_is_one(instance):
    """The record of a decision may come twice: the second finds the first in the inbox."""
    who = phone()
    order = ask(instance, who)
    instance.approve(order["order_id"])
    topics = instance.topics()
    record = next(one for one in topics.records("decision.v1")
                  if json.loads(one.value)["order_id"] == order["order_id"])
    before = facts(instance, order["order_id"])
    topics.put("decision.v1", record.value, record.key, {"ce_type": record.type})
    invariants.settle(instance)
    assert facts(instance, order["order_id"]) == before
    assert instance.db("select count(*) from munim.decision where order_id = %s", order["order_id"]) == [(1,)]


def test_a_decision_on_another_version_changes_nothing(instance):
    who = phone()
    order = ask(instance, who)
    before = facts(instance, order["order_id"])
    code, outcome = instance.approve(order["order_id"], "--version", str(order["version"] - 1))
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (6, "changed", None)
    assert facts(instance, order["order_id"]) == before
    assert instance.approve(order["order_id"], "--version", str(order["version"]))[0] == 0


def test_a_decision_after_its_time_closes_the_order(instance):
    who = phone()
    order = ask(instance, who, "10m grey polyester")
    # Its own time only: the shop's other orders keep theirs.
    instance.db("update munim.orders set expires_at = now() where order_id = %s", order["order_id"])
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (4, "expired", None)
    assert instance.db("select state, closure_reason from munim.orders where order_id = %s", order["order_id"]) == [
        ("ORDER_CANCELLED", "expired")]
    assert instance.db("select rolls_held, rolls_sold from munim.batch where dye_lot = 'P-44'") == [(0, 0)]
    assert instance.approve(order["order_id"])[0] == 4
    invariants.settle(instance)
    assert len(told(instance, who)) == 3, "summary, asked the owner, expired; the second decision tells nobody"


def test_the_shop_sets_the_time_to_decide(instance):
    instance.db("update munim.tenant set approval_ttl = '1 second'")
    try:
        who = phone()
        order = ask(instance, who, "3m green cotton")
    finally:
        instance.db("update munim.tenant set approval_ttl = '24 hours'")
    wait_until(lambda: instance.db("select expires_at < now() from munim.orders where order_id = %s",
                                   order["order_id"])[0][0], 10, "the order's end")
    # The customer's own message finds it, too.
    tell(instance, who, "mere order ka kya hua")
    assert order_of(instance, who) == (order["order_id"], "ORDER_CANCELLED")
    assert instance.approve(order["order_id"])[0] == 4


def test_a_shortage_at_the_approval_changes_nothing(instance):
    """The promise has lapsed and others have bought the goods: the owner is told why, and can decide again later."""
    late, quick = phone(), phone()
    order = ask(instance, late, "30m blue linen")
    instance.db("update munim.hold set expires_at = now() where order_id = %s", order["order_id"])
    buy(instance, quick, "30m blue linen")
    before = facts(instance, order["order_id"])
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (5, "shortage", None)
    assert "blue linen" in outcome["reason"] and "30" in outcome["reason"]
    assert facts(instance, order["order_id"]) == before
    assert len(told(instance, late)) == 2, "the customer hears nothing of it"
    # New goods come in, of another lot: the order is filled from it.
    batch = str(uuid.uuid4())
    instance.db("insert into munim.batch (batch_id, tenant_id, variant_id, dye_lot, roll_um, rolls)"
                " select %s, tenant_id, variant_id, 'N-06', roll_um, 1 from munim.batch where dye_lot = 'N-05'", batch)
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"]) == (0, "completed"), outcome
    assert instance.db("select rolls_sold from munim.batch where batch_id = %s", batch) == [(1,)]


def test_goods_promised_once_are_not_promised_again(instance):
    """Two customers confirm the same last metres at the same instant: one waits for the owner, the other is told."""
    first, second = phone(), phone()
    for who in (first, second):
        assert "30" in tell(instance, who, "30m cream linen")
    for who in (first, second):
        instance.say("haan confirm", who)
    for who in (first, second):
        instance.wait_sends(2, who)
    states = sorted(order_of(instance, who)[1] for who in (first, second))
    assert states == ["CUSTOMER_NEGOTIATION", "WAITING_OWNER_CONFIRMATION"]
    assert instance.db("select rolls, rolls_held from munim.batch where dye_lot = 'N-04'") == [(1, 1)]
    winner = next(who for who in (first, second) if order_of(instance, who)[1] == "WAITING_OWNER_CONFIRMATION")
    assert instance.approve(request_of(instance, winner)["order_id"])[0] == 0
    for who in {first, second} - {winner}:
        tell(instance, who, "cancel")


def test_many_orders_have_numbers_without_gaps(instance):
    """Approved at once, some refused between: each completed order has the next number, and all goods are sold."""
    people = [phone() for _ in range(8)]
    for who in people:
        instance.say("2m white poplin", who)
    for who in people:
        instance.wait_sends(1, who)
        instance.say("haan confirm", who)
    orders = [request_of(instance, who)["order_id"] for who in people]
    last = instance.db("select coalesce(max(no), 0) from munim.invoice")[0][0]
    outcomes = {}

    def decide(n, order_id):
        outcomes[order_id] = instance.approve(order_id) if n % 4 else instance.reject(order_id, "no")

    owners = [threading.Thread(target=decide, args=one) for one in enumerate(orders)]
    for owner in owners:
        owner.start()
    for owner in owners:
        owner.join()
    assert [code for code, _ in outcomes.values()] == [0] * 8
    assert instance.db("select no from munim.invoice where no > %s order by no", last) == [
        (last + n,) for n in range(1, 7)]
    assert instance.db("select sum(length_um) from munim.hold h join munim.batch b using (batch_id)"
                       " where b.dye_lot = 'W-07' and h.state = 'sold'") == [(12_000_000,)]


def test_an_order_that_nobody_knows(instance):
    code, outcome = instance.approve(str(uuid.uuid4()))
    assert (code, outcome["outcome"]) == (1, "unknown_order")
