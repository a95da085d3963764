"""The people of a scenario: customers who write, each with a number of his own, and the owner who decides."""
import itertools
import uuid

from instance import wait_until

PATIENCE = 20
_numbers = itertools.count(919870000001)


def phone():
    """The number of a customer whom no other test knows."""
    return str(next(_numbers))


def told(instance, who):
    """The texts that reached the customer, in order."""
    return [send["text"] for send in instance.sends(who)]


def tell(instance, who, text, timeout=PATIENCE):
    """The customer writes and waits for the answer; returns its text."""
    before = len(instance.sends(who))
    instance.say(text, who)
    return instance.wait_sends(before + 1, who, timeout)[before]["text"]


def order_of(instance, who):
    """(order id, state) of the customer's newest order; None when he has none."""
    rows = instance.db(
        "select o.order_id::text, o.state from munim.orders o join munim.conversation c using (conversation_id)"
        " where c.address = %s order by o.created_at desc limit 1", who)
    return rows[0] if rows else None


def state_of(instance, order_id):
    return instance.db("select state from munim.orders where order_id = %s", order_id)[0][0]


def request_of(instance, who, timeout=PATIENCE):
    """What the owner sees of the customer's waiting order, once he sees it."""
    def seen():
        found = order_of(instance, who)
        if found is None or found[1] != "WAITING_OWNER_CONFIRMATION":
            return None
        return next((one for one in instance.waiting() if one["order_id"] == found[0]), None)

    return wait_until(seen, timeout, "the owner's request")


def ask(instance, who, text="1m white cotton"):
    """The customer orders and confirms; returns what the owner then sees."""
    tell(instance, who, text)
    tell(instance, who, "haan confirm")
    return request_of(instance, who)


def buy(instance, who, text="1m white cotton"):
    """A whole order, to the invoice; returns (order id, invoice number) when the customer was told of it."""
    order = ask(instance, who, text)
    code, outcome = instance.approve(order["order_id"])
    assert (code, outcome["outcome"]) == (0, "completed"), outcome
    number = outcome["invoice_number"]
    wait_until(lambda: [text for text in told(instance, who) if number in text], PATIENCE, "the customer's bill")
    return order["order_id"], number


def webhook_of(account_id, *messages, statuses=None):
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": account_id}}
    if messages:
        value["messages"] = list(messages)
    if statuses:
        value["statuses"] = statuses
    return {"object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}


def message(who, text, message_id=None):
    return {"from": who, "id": message_id or "wamid." + uuid.uuid4().hex, "timestamp": "1780000000", "type": "text",
            "text": {"body": text}}
