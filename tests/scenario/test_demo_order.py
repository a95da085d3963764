"""The whole line: a customer's message becomes an approved, invoiced order, on real Kafka, Postgres and processes."""
from instance import wait_until

CUSTOMER = "919812345678"


def ask_for_20_metres(instance):
    """The customer orders and confirms; returns what the owner then sees waiting."""
    instance.say("20m blue cotton", CUSTOMER)
    summary = instance.wait_sends(1, CUSTOMER)[0]["text"]
    assert "20" in summary and "blue cotton" in summary.lower()
    instance.say("haan confirm", CUSTOMER)
    return wait_until(instance.waiting, 20, "the owner's request")


def test_from_message_to_invoice(instance):
    waiting = ask_for_20_metres(instance)
    assert len(waiting) == 1
    order = waiting[0]
    assert [(line["product"].lower(), line["quantity"], line["unit"]) for line in order["lines"]] == [
        ("blue cotton", "20", "m")]

    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"]) == (0, "completed")

    assert instance.db("select state, total_paise from munim.orders") == [("ORDER_COMPLETED", order["total_paise"])]
    assert instance.db("select number, total_paise from munim.invoice") == [
        (outcome["invoice_number"], order["total_paise"])]
    assert instance.db("select state, sum(length_um) from munim.hold group by state") == [("sold", 20_000_000)]
    assert instance.db("select sum(amount_paise), count(*) >= 2 from munim.ledger_entry") == [(0, True)]
    assert instance.db("select amount_paise from munim.ledger_entry where account = 'receivable'") == [
        (order["total_paise"],)]

    def told():
        return [send for send in instance.sends(CUSTOMER) if outcome["invoice_number"] in send["text"]]

    wait_until(told, 20, "the customer's last message")
    assert len(told()) == 1
    keys = [send["dedupe_key"] for send in instance.sends()]
    assert len(keys) == len(set(keys))
    # Once more: the same answer, and no second effect.
    code, again = instance.approve(order["order_id"])
    assert (code, again["outcome"], again["invoice_number"]) == (3, "already_decided", outcome["invoice_number"])
    assert instance.db("select count(*) from munim.invoice") == [(1,)]


def test_every_message_is_settled(instance):
    ask_for_20_metres(instance)
    wait_until(lambda: instance.db("select 1 from munim.outbox where taken_at is null") == [], 20, "an empty outbox")
    wait_until(lambda: instance.db("select 1 from munim.guard where state <> 'SENT'") == [], 20, "settled guards")
    sent = instance.db("select dedupe_key from munim.guard order by conversation_id, seq")
    assert [key for (key,) in sent] == [send["dedupe_key"] for send in instance.sends(CUSTOMER)]
