"""The shop's owner: reads the approval topic as his tool does, decides as the plan says, and keeps a log of it."""
import heapq
import json
import random
import subprocess
import threading
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

from instance import BIN

WAITING = "WAITING_OWNER_CONFIRMATION"


class Owner:
    def __init__(self, plan, instance):
        self.plan, self.instance = plan, instance
        self.decisions = []  # {"id", "order", "verb", "version", "copies", "acknowledged"}
        self.by_tool = []  # {"order", "verb", "code", "outcome", "number"}
        self.seen = {}  # order id -> its newest state
        self.orders_of = {}  # customer -> order ids in the order of their first appearance
        self.decided = set()  # (order id, version) that the plan has been asked about
        self.due = []  # (when, n, order id, verb, how)
        self.n = 0
        self.stopping = threading.Event()
        self.tools = []
        self.thread = threading.Thread(target=self.run, name="owner", daemon=True)
        self.producer = Producer({"bootstrap.servers": instance.kafka, "partitioner": "murmur2_random",
                                  "enable.idempotence": True, "log_level": 0})
        self.trouble = 0

    def start(self):
        self.thread.start()

    def stop(self):
        """Waits for the tools under way and for every acknowledgement."""
        self.stopping.set()
        self.thread.join(60)
        for tool in self.tools:
            tool.join(60)
        left = self.producer.flush(60)
        assert left == 0, f"{left} decisions were never acknowledged"

    def busy(self):
        """Whether he has something to say still, or waits for his tool."""
        return bool(self.due) or len(self.producer) > 0 or any(tool.is_alive() for tool in self.tools)

    def consumer(self):
        consumer = Consumer({"bootstrap.servers": self.instance.kafka, "group.id": uuid.uuid4().hex,
                             "enable.auto.commit": False, "auto.offset.reset": "earliest", "log_level": 0,
                             "fetch.wait.max.ms": 100})
        topic = f"{self.instance.name}.approval.v1"
        while not self.stopping.is_set():
            try:
                found = consumer.list_topics(topic, timeout=5).topics[topic].partitions
                if found:
                    consumer.assign([TopicPartition(topic, n, OFFSET_BEGINNING) for n in found])
                    return consumer
            except KafkaException:
                self.trouble += 1
        return consumer

    def run(self):
        consumer = self.consumer()
        while not self.stopping.is_set():
            message = consumer.poll(0.05)
            if message is not None and message.error() is None and message.value() is not None:
                self.look(json.loads(message.value()))
            while self.due and self.due[0][0] <= time.monotonic():
                _, _, order_id, verb, how = heapq.heappop(self.due)
                self.decide(order_id, verb, how)
            self.producer.poll(0)
        consumer.close()

    def look(self, state):
        order_id, who = state["order_id"], state["route"]["key"]
        known = self.seen.get(order_id)
        if known is None or state["version"] >= known["version"]:
            self.seen[order_id] = state
        orders = self.orders_of.setdefault(who, [])
        if order_id not in orders:
            orders.append(order_id)
        if state["state"] != WAITING or (order_id, state["version"]) in self.decided:
            return
        self.decided.add((order_id, state["version"]))
        for wait, verb, how in self.plan.owner(who, orders.index(order_id)):
            self.later(wait, order_id, verb, how)

    def later(self, wait, order_id, verb, how):
        self.n += 1
        heapq.heappush(self.due, (time.monotonic() + wait, self.n, order_id, verb, how))

    def decide_open(self, last):
        """At the end: what he had put off. Orders that still wait are decided, by the plan's seed."""
        for order_id, state in list(self.seen.items()):
            if state["state"] == WAITING:
                rng = random.Random(f"{self.plan.seed}/late/{state['route']['key']}")
                self.later(0, order_id, "reject" if last or rng.random() < 0.2 else "approve", "once")

    def decide(self, order_id, verb, how):
        state = self.seen[order_id]
        if how == "tool":
            tool = threading.Thread(target=self.use_tool, args=(order_id, verb), daemon=True)
            self.tools.append(tool)
            tool.start()
            return
        version = state["version"] - (how == "stale")
        decision = {"id": str(uuid.uuid4()), "order": order_id, "verb": verb, "version": version,
                    "copies": 2 if how == "twice" else 1, "acknowledged": 0}
        self.decisions.append(decision)
        value = json.dumps({"decision_id": decision["id"], "order_id": order_id, "tenant_id": state["tenant_id"],
                            "verb": verb, "reason": "no" if verb == "reject" else "", "version": version,
                            "by": "owner", "route": state["route"]}).encode()
        headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_type": "munim.decision.order.v1",
                   "ce_source": "munim/approve", "content-type": "application/json"}

        def told(error, _):
            decision["acknowledged"] += error is None

        for _ in range(decision["copies"]):
            self.producer.produce(f"{self.instance.name}.decision.v1", value, state["route"]["key"], headers=headers,
                                  on_delivery=told)

    def use_tool(self, order_id, verb):
        arguments = [BIN / "munim", "approve", verb, order_id, "--json", "--timeout", "30"]
        arguments += ["--reason", "no"] if verb == "reject" else []
        done = subprocess.run(arguments, env=self.instance.env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
        said = json.loads(done.stdout) if done.stdout.strip() else {}
        self.by_tool.append({"order": order_id, "verb": verb, "code": done.returncode, "outcome": said.get("outcome"),
                             "number": said.get("invoice_number")})
