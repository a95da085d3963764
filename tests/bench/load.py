"""What customers write: the same conversations as records of the inbound topic and as signed webhooks."""
import datetime
import hashlib
import hmac
import json
import random
import uuid

import confluent_kafka

# One conversation, step by step, then from the beginning. Nothing here touches rows that customers share.
CHAT = ("hello", "20m blue cotton", "aur 6m red polyester", "blue cotton ka rate kya hai", "order cancel kar do")
# The same up to the customer's yes, which holds stock: shared rows, so each of these turns commits alone.
ORDER = ("namaste", "2m blue cotton", "haan confirm")


KNOWN = 20000  # customers the shop knows before the run


def phone(n):
    return f"9198{n:08d}"


def customers(count):
    """Numbers of customers, the same in each run: nine of ten are known to the shop, one is new."""
    spread = max(1, KNOWN // count)
    return [KNOWN + i if i % 10 == 9 else i * spread % KNOWN for i in range(count)]


def steps(count, who, chat=CHAT):
    """(number of the message, customer, text): everybody's first message in some order, then everybody's second..."""
    order = random.Random(7)
    said = 0
    while said < count:
        text = chat[(said // len(who)) % len(chat)]
        for customer in order.sample(who, min(len(who), count - said)):
            yield said, customer, text
            said += 1


# A shop with a past: customers with their conversations, what they wrote and were answered, orders long closed; and a
# store that does not run dry. Only tables with rows get statistics, as autovacuum would have it.
SEED = """
with who as (select gen_random_uuid() as id, '9198' || lpad(i::text, 8, '0') as phone, a.tenant_id, a.channel,
              a.account_id from generate_series(0, %(known)s - 1) i, munim.account a where a.channel = 'whatsapp'),
 c as (insert into munim.contact (contact_id, tenant_id, name) select id, tenant_id, 'Customer' from who),
 i as (insert into munim.contact_identity (tenant_id, identity, contact_id)
        select tenant_id, 'p:' || phone, id from who)
insert into munim.conversation (conversation_id, tenant_id, channel, account_id, contact_id, key, address, version,
                                next_seq)
 select gen_random_uuid(), tenant_id, channel, account_id, id, phone, phone, 3, 2 from who;
insert into munim.inbox (channel, account_id, message_id, topic, partition, "offset", conversation_id)
 select channel, account_id, 'wamid.past.' || n || '.' || key, 'past', 0, 0, conversation_id
 from munim.conversation, generate_series(1, 3) n;
insert into munim.message (conversation_id, tenant_id, direction, message_id, kind, body)
 select conversation_id, tenant_id, d, 'past-' || key, 'text', repeat('once upon a time ', 4)
 from munim.conversation, unnest(array['in', 'out']) d;
insert into munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key, payload, taken_at)
 select 'past-' || key, tenant_id, conversation_id, 1, key, repeat('{"once":"upon a time"}', 20), now()
 from munim.conversation;
insert into munim.guard (dedupe_key, tenant_id, conversation_id, seq, partition, channel, account_id, class, payload,
                         state, provider_id, settled_at)
 select 'past-' || key, tenant_id, conversation_id, 1, 0, channel, account_id, 'reply', '{}', 'SENT', 'past-' || key,
        now() from munim.conversation;
insert into munim.gate (conversation_id, settled_through) select conversation_id, 1 from munim.conversation;
with o as (insert into munim.orders (order_id, tenant_id, conversation_id, contact_id, flow_version, state, version,
                                     closed_at)
            select gen_random_uuid(), tenant_id, conversation_id, contact_id, 1, 'ORDER_CANCELLED', 3, now()
            from munim.conversation returning order_id, tenant_id),
 l as (insert into munim.order_line (order_id, line_no, tenant_id, product_id, variant_id, quantity_um, status)
        select o.order_id, 1, o.tenant_id, v.product_id, v.variant_id, 20000000, 'CANCELLED'
        from o, (select * from munim.variant limit 1) v)
insert into munim.transition_log (tenant_id, order_id, from_state, to_state, input, ok, topic, partition, "offset")
 select tenant_id, order_id, '', 'COLLECTING_ITEMS', 'items', true, 'past', 0, 0 from o, generate_series(1, 3);
update munim.batch set rolls = rolls + 100000
"""
STATISTICS = ("vacuum analyze munim.contact, munim.contact_identity, munim.conversation, munim.inbox, munim.message,"
              " munim.outbox, munim.guard, munim.gate, munim.orders, munim.order_line, munim.transition_log, munim.batch")


def inbound_record(account_id, run, i, customer, text):
    key = phone(customer)
    return key, json.dumps({
        "channel": "whatsapp", "account_id": account_id, "message_id": f"wamid.{run}.{i}", "key": key,
        "identities": [f"p:{key}"], "address": key, "address_kind": "phone", "name": f"Customer {customer}",
        "sent_at": "1718000000", "kind": "text", "text": text})


def preload(bootstrap, topic, records):
    """Produces the records with the partitioner the product uses; returns how many the broker has acknowledged."""
    producer = confluent_kafka.Producer({
        "bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 5,
        "partitioner": "murmur2_random", "queue.buffering.max.messages": 1000000})
    acknowledged = 0

    def on_report(error, _):
        nonlocal acknowledged
        if error is not None:
            raise RuntimeError(f"preload: {error}")
        acknowledged += 1

    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for key, value in records:
        headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_type": "munim.inbound.message.v1",
                   "ce_source": "munim/bench", "ce_time": now, "content-type": "application/json",
                   "traceparent": f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01"}
        producer.produce(topic, value, key, headers=headers, on_delivery=on_report)
        producer.poll(0)
    producer.flush(60)
    return acknowledged


def webhook(account_id, run, i, customer, text):
    """A WhatsApp webhook of one text message, as compact as the channel sends it."""
    key = phone(customer)
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "215589313241560883", "changes": [{
        "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": account_id},
            "contacts": [{"profile": {"name": f"Customer {customer}"}, "wa_id": key}],
            "messages": [{"from": key, "id": f"wamid.{run}.{i}", "timestamp": "1718000000", "type": "text",
                          "text": {"body": text}}]}}]}]}, separators=(",", ":"))


def write_webhooks(path, secret, bodies):
    """One line per webhook: the signature's hex, a tab, the body."""
    with open(path, "w", encoding="utf-8") as out:
        for body in bodies:
            signature = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
            out.write(f"{signature}\t{body}\n")


def topic_end(bootstrap, topic):
    """The sum of the partitions' end offsets."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": "bench-offsets"})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        return sum(consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, p), timeout=10)[1]
                   for p in partitions)
    finally:
        consumer.close()
