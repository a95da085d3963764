"""The people under whom a crash happens: customers who really order, confirm and sometimes cancel, and an owner who decides.

They know only what people know: what arrives on a phone, and what stands on the approval topic. A customer says his next
word when he has heard the answer to the last one. Everything he does follows from the seed and from what he hears.
"""
import collections
import json
import random
import threading
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition

from instance import http

MARK = "(dobara bheja / sent again) "
ITEMS = ("1m white cotton", "2m white poplin", "3m green cotton", "2m blue cotton aur 1m white cotton", "4m black polyester")
PATIENCE = 60  # seconds after which a customer gives up waiting and another one comes
BATCH = 4  # messages in one webhook, where webhooks are to hold several
PAUSE = 0.01


class Customer:
    """One phone. stage is what he waits for: nothing, the summary, the word that the owner was asked, the bill."""

    def __init__(self, who):
        self.who = who
        self.stage = "idle"
        self.since = time.monotonic()
        self.heard = collections.Counter()  # texts, unmarked
        self.orders = 0  # how often he has begun one

    def wait_for(self, stage):
        self.stage, self.since = stage, time.monotonic()


class Load:
    """Runs in a thread of its own until `finish`. batches: several customers' messages in one webhook."""

    def __init__(self, instance, seed, people=16, batches=False):
        self.instance = instance
        self.random = random.Random(seed)
        self.batches = batches
        self.numbers = iter(range(919800000000 + seed % 1000 * 100000, 919900000000))
        self.everybody = {}
        self.active = [self.newcomer() for _ in range(people)]
        self.words = []  # (customer, text) not said yet
        self.said = 0
        self.decided = {}  # {(order id, version): decision id}, acknowledged by Kafka
        self.heard = 0
        self.gave_up = 0
        self.ended = 0  # orders whose end the customer was told
        self.closing = False
        self.stopped = False
        self.trouble = None
        self.thread = threading.Thread(target=self.run, name="load", daemon=True)

    def newcomer(self):
        customer = Customer(str(next(self.numbers)))
        self.everybody[customer.who] = customer
        return customer

    # -- life

    def start(self):
        self.instance.db("update munim.batch set rolls = rolls + 1000000")
        topics = self.instance.topics()
        self.prefix = topics.prefix
        self.board = Consumer({"bootstrap.servers": topics.bootstrap, "group.id": uuid.uuid4().hex, "log_level": 2,
                               "enable.auto.commit": False, "fetch.wait.max.ms": 20})
        self.board.assign([TopicPartition(self.prefix + "approval.v1", n, 0) for n in topics.all("approval.v1")])
        self.owner = Producer({"bootstrap.servers": topics.bootstrap, "partitioner": "murmur2_random", "log_level": 2,
                               "enable.idempotence": True, "linger.ms": 0})
        self.thread.start()
        return self

    def rest(self, timeout=60):
        """No new orders until `go`; those that were begun come to their end."""
        self.closing = True
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.thread.is_alive() and any(c.stage != "idle" for c in self.active):
            time.sleep(0.05)

    def go(self):
        self.closing = False

    def finish(self, timeout=60):
        """The last order's end, and the load's. True when every customer has heard what he waited for."""
        self.rest(timeout)
        self.stopped = True
        self.thread.join(30)
        self.owner.flush(15)
        self.board.close()
        if self.trouble is not None:
            raise self.trouble
        return all(c.stage == "idle" for c in self.active)

    def run(self):
        try:
            while not self.stopped:
                self.listen()
                self.decide()
                self.act()
                self.speak()
                self.owner.poll(0)
                time.sleep(PAUSE)
        except Exception as why:  # told by finish
            self.trouble = why

    # -- customers

    def listen(self):
        status, answer = http(f"http://{self.instance.kept['sim']}/control/sends?since={self.heard}")
        assert status == 200, answer
        for send in json.loads(answer):
            self.heard += 1
            customer = self.everybody.get(send["to"])
            if customer is not None:
                self.hear(customer, send["text"])

    def hear(self, customer, text):
        if text.startswith(MARK):
            text = text[len(MARK):]
            if customer.heard[text]:
                return  # he has it already, and the mark tells him so
        customer.heard[text] += 1
        if customer.stage == "summary":
            cancels = self.random.random() < 0.1
            self.words.append((customer, "cancel" if cancels else "haan confirm"))
            customer.wait_for("end" if cancels else "asked")
        elif customer.stage == "asked":
            customer.wait_for("end")
        elif customer.stage == "end":
            self.ended += 1
            customer.wait_for("idle")

    def act(self):
        now = time.monotonic()
        for n, customer in enumerate(self.active):
            if customer.stage == "idle" and not self.closing:
                if customer.orders and self.random.random() < 0.5:
                    customer = self.active[n] = self.newcomer()
                customer.orders += 1
                self.words.append((customer, self.random.choice(ITEMS)))
                customer.wait_for("summary")
            elif customer.stage != "idle" and now - customer.since > PATIENCE:
                self.gave_up += 1
                self.active[n] = self.newcomer()

    def speak(self):
        while self.words and not (self.batches and len(self.words) < 2 and not self.closing):
            some, self.words = self.words[:BATCH], self.words[BATCH:]
            self.said += len(some)
            if self.batches:
                self.webhook(some)
            else:
                for customer, text in some:
                    self.instance.say(text, customer.who)

    def webhook(self, some):
        """One webhook of several messages, which the channel repeats until it is acknowledged."""
        messages = [{"from": customer.who, "id": f"wamid.{uuid.uuid4().hex}", "timestamp": str(int(time.time())),
                     "type": "text", "text": {"body": text}} for customer, text in some]
        value = {"messaging_product": "whatsapp", "messages": messages,
                 "metadata": {"display_phone_number": "15550783881", "phone_number_id": self.instance.account_id},
                 "contacts": [{"wa_id": customer.who, "profile": {"name": "Customer"}} for customer, _ in some]}
        body = {"object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
        self.instance.control("webhook", json.dumps(body).encode())
        self.instance.said += [message["id"] for message in messages]

    # -- the owner

    def decide(self):
        while (message := self.board.poll(0)) is not None:
            if message.error() is not None or message.value() is None:
                continue
            order = json.loads(message.value())
            place = (order["order_id"], order["version"])
            if order["state"] != "WAITING_OWNER_CONFIRMATION" or place in self.decided:
                continue
            self.decided[place] = None
            verb = "reject" if self.random.random() < 0.1 else "approve"
            decision = {"decision_id": str(uuid.uuid4()), "order_id": order["order_id"], "tenant_id": order["tenant_id"],
                        "verb": verb, "reason": "", "version": order["version"], "by": "owner", "route": order["route"]}
            self.owner.produce(
                self.prefix + "decision.v1", json.dumps(decision), order["route"]["key"],
                headers={"ce_specversion": "1.0", "ce_id": decision["decision_id"], "ce_source": "munim/approve",
                         "ce_type": "munim.decision.order.v1", "content-type": "application/json"},
                on_delivery=lambda error, _, p=place, d=decision["decision_id"]: self.written(error, p, d))

    def written(self, error, place, decision_id):
        if error is None:
            self.decided[place] = decision_id
        else:
            del self.decided[place]  # the owner sees the order waiting, and decides again
