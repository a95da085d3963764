"""When nothing moves any more, seen from outside: webhooks acknowledged, records read, answers settled."""
import time

import psycopg2
from confluent_kafka import Consumer, KafkaException, TopicPartition

from checker import ENDED, TERMINAL

CONSUMED = ("inbound.v1", "decision.v1", "outbound.v1", "receipt.v1")
WAITING = "WAITING_OWNER_CONFIRMATION"


class Rest:
    def __init__(self, lab, owner):
        self.lab, self.owner = lab, owner
        self.consumer = Consumer({"bootstrap.servers": lab.kafka, "group.id": "rest", "log_level": 0})
        self.partitions = range(int(lab.settings["kafka.partitions"]))

    def moving(self):
        """What still moves, in words; empty when nothing does."""
        counts = self.lab.counts()
        if counts["webhooks"] != counts["acknowledged"]:
            return f"{counts['webhooks'] - counts['acknowledged']} webhooks are not acknowledged"
        at = {(topic, n): offset for topic, n, offset in self.lab.admin(
            "select topic, partition, next_offset from munim.part")}
        for topic in CONSUMED:
            name = f"{self.lab.name}.{topic}"
            for n in self.partitions:
                end = self.consumer.get_watermark_offsets(TopicPartition(name, n), timeout=5)[1]
                if end > 0 and at.get((name, n)) != end:
                    return f"{topic} {n} is read to {at.get((name, n))} of {end}"
        for what, sql, *args in (("answers are not taken", "select count(*) from munim.outbox where taken_at is null"),
                                 ("sends are open", "select count(*) from munim.guard where state not in %s", TERMINAL),
                                 ("orders are not published", "select count(*) from munim.approval where dirty")):
            n = self.lab.admin(sql, *args)[0][0]
            if n:
                return f"{n} {what}"
        return "the owner has not said all" if self.owner.busy() else ""

    def wait(self, bound):
        """Empty when all was at rest twice in a row within bound seconds; otherwise what moved last."""
        end, still, last = time.monotonic() + bound, 0, "nothing was asked"
        while time.monotonic() < end:
            try:
                last = self.moving()
            except (psycopg2.Error, KafkaException, OSError) as why:
                last = str(why).strip()[:200]
            still = 0 if last else still + 1
            if still == 2:
                return ""
            time.sleep(0.3)
        return last or "came to rest too late"

    def ended(self):
        return self.lab.admin("select count(*) from munim.orders where state in %s", ENDED)[0][0]

    def open_states(self):
        """{state: orders in it} of those that have not ended."""
        return dict(self.lab.admin("select state, count(*) from munim.orders where state not in %s group by 1", ENDED))

    def open_orders(self, waiting=None):
        """Addresses of customers with an open order; waiting=False: of those who must say something themselves."""
        rows = self.lab.admin("select c.address, o.state from munim.orders o join munim.conversation c"
                              " using (conversation_id) where o.state not in %s order by 1", ENDED)
        return [who for who, state in rows if waiting is None or (state == WAITING) == waiting]
