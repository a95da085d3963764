"""What a run will do, from its seed alone: who writes what and when, what the owner says, which fault strikes when.

Nothing here looks at the clock or at munim. The same seed and time give the same plan; how far a process has come when
a fault strikes is the machine's affair, and that is the point of running many seeds.
"""
import collections
import random

# at: seconds from the start. what: say, again, batch, forged, stranger. messages: [(who, id, text)].
Saying = collections.namedtuple("Saying", "at what messages copies")
# lane: faults of one lane strike one after another, lanes side by side. how: what the kind needs to know.
Fault = collections.namedtuple("Fault", "at lane kind seconds how")

GOODS = ("blue cotton", "white cotton", "red cotton", "black cotton", "navy cotton", "black polyester",
         "red polyester", "blue polyester", "white poplin", "cream poplin", "red silk", "white linen")
CONFIRM = ("haan confirm", "confirm", "haan confirm kar do", "हाँ")
CANCEL = ("cancel", "order cancel kar do", "please cancel my order", "ऑर्डर रद्द कर दो")
TALK = ("namaste", "mere order ka kya hua", "white cotton ka rate kya hai", "thank you", "ok", "kya matlab 😀")
SCARCE = "75m yellow cotton"  # there are 60 m of it

PROCESSES = ("munim-ingress", "munim-worker", "munim-worker.2", "munim-sender", "munim-sender.2", "munim-lag")
LINKS = ("postgres", "kafka", "channel", "ingress")
# Rules for the simulated channel (tests/platform); "times" is added by the plan.
CHANNEL = {
    "429": {"mode": "refuse", "http": 429, "code": 130429},
    "429 with Retry-After": {"mode": "refuse", "http": 429, "code": 80007, "retry_after": 1},
    "too fast for one recipient": {"mode": "refuse", "http": 400, "code": 131056},
    "token refused": {"mode": "refuse", "http": 401, "code": 190},
    "5xx, not taken": {"mode": "refuse", "http": 503, "accepted": False},
    "5xx, taken": {"mode": "refuse", "http": 500, "accepted": True},
    "no answer, not taken": {"mode": "hang", "accepted": False},
    "no answer, taken": {"mode": "hang", "accepted": True},
    "closed, not taken": {"mode": "close", "accepted": False},
    "closed, taken": {"mode": "close", "accepted": True},
    "late answer": {"mode": "late", "delay_ms": 600},
    "answer after the time limit": {"mode": "late", "delay_ms": 1800},
    "late statuses": {"mode": "accept", "status_ms": 1500},
    "doubled statuses": {"mode": "accept", "statuses": "twice"},
    "statuses backwards": {"mode": "accept", "statuses": "reverse"},
    "no statuses": {"mode": "accept", "statuses": "none"},
    "no answer, taken, no statuses": {"mode": "hang", "accepted": True, "statuses": "none"},
}
CLOCKED = ("munim-ingress", "munim-worker", "munim-sender")  # whose wall clocks leap
# A kind that a shorter run has no time for (seconds): it is in no plan of such a run, and not missed there.
DUE_FROM = {"fill broker's disk": 40}


class Plan:
    def __init__(self, seed, seconds, people=None):
        self.seed, self.seconds = seed, seconds
        rng = random.Random(f"{seed}/load")
        self.people = [f"9198{seed % 1000:03d}{n:05d}" for n in range(people or max(60, min(800, int(seconds * 3))))]
        self.counted = 0
        self.sayings = sorted(self.make_load(rng), key=lambda one: one.at)
        self.left_out = {}  # kind: why it is not due in so short a run
        self.faults = sorted([*self.make_faults(random.Random(f"{seed}/faults")),
                              *self.make_surroundings(random.Random(f"{seed}/surroundings"))], key=lambda one: one.at)

    # -- load

    def message_id(self):
        self.counted += 1
        return f"wamid.CHAOS{self.seed}x{self.counted}"

    def script(self, rng):
        """The texts of one customer, and how long he thinks before each."""
        def order():
            return f"{rng.choice((1, 2, 3, 5, 8, 10, 12))}m {rng.choice(GOODS)}"

        first = SCARCE if rng.random() < 0.05 else order() if rng.random() < 0.7 else f"{order()} aur {order()}"
        texts = [first]
        if rng.random() < 0.3:
            texts.append(f"aur {order()}")
        if rng.random() < 0.25:
            texts.append(rng.choice(TALK))
        end = rng.random()
        if first == SCARCE:
            texts.append("theek hai jitna hai utna de do")
        if end < 0.12:
            texts.append(rng.choice(CANCEL))
        elif end < 0.95:
            texts.append(rng.choice(CONFIRM))
            if rng.random() < 0.12:
                texts.append(rng.choice(CANCEL))
        hasty = rng.random() < 0.15
        return [(rng.uniform(0, 0.05) if hasty else rng.uniform(0.2, 2.5), text) for text in texts]

    def make_load(self, rng):
        horizon = self.seconds * 0.85
        for n, who in enumerate(self.people):
            # Every tenth begins with nine others at once: a burst.
            at = rng.uniform(0, horizon * 0.7) if n % 10 or n == 0 else horizon * 0.7 * n / len(self.people)
            for wait, text in self.script(rng):
                at += wait
                message = (who, self.message_id(), text)
                copies = 1 + (rng.randint(1, 3) if rng.random() < 0.15 else 0)
                if rng.random() < 0.05:
                    yield self.batch(rng, at, message)
                    continue
                yield Saying(at, "say", [message], copies)
                if rng.random() < 0.08:
                    yield Saying(at + rng.uniform(0.5, self.seconds * 0.3), "again", [message], 1)
            if message[2] in CONFIRM + CANCEL and rng.random() < 0.85:  # once more, as one does who has heard nothing
                again = (who, self.message_id(), message[2])
                yield Saying(rng.uniform(horizon, self.seconds), "say", [again], 1)
        for n in range(max(6, len(self.people) // 20)):
            what = "forged" if n % 2 else "stranger"
            yield Saying(rng.uniform(0, horizon), what, [(f"9197{self.seed % 1000:03d}{n:05d}", self.message_id(),
                                                        "1m white cotton")], 1)
        for n in range(3):
            at = horizon * (n + 1) / 4
            for _ in range(15):
                yield Saying(at, "say", [(rng.choice(self.people), self.message_id(), rng.choice(TALK))], 1)

    def batch(self, rng, at, message):
        """One webhook with several messages, one of them twice in the same body."""
        more = [(rng.choice(self.people), self.message_id(), rng.choice(TALK)) for _ in range(rng.randint(1, 4))]
        return Saying(at, "batch", [message, *more, message], 1)

    def owner(self, who, nth):
        """What the owner does with the nth order of a customer: [(wait, verb, how)]; []: he is asked again later."""
        rng = random.Random(f"{self.seed}/owner/{who}/{nth}")
        draw = rng.random()
        verb = "approve" if rng.random() < 0.8 else "reject"
        how = "tool" if rng.random() < 0.04 else "twice" if rng.random() < 0.2 else "once"
        if draw < 0.08:
            return []
        if draw < 0.16:  # two owners at odds, in the same instant
            wait = rng.uniform(0, 1)
            return [(wait, "approve", "once"), (wait, "reject", "once")]
        if draw < 0.22:
            return [(0.0, verb, "stale"), (rng.uniform(0.2, 1), verb, how)]
        return [(rng.uniform(0, 1.5), verb, how)]

    def ending(self, who):
        """What a customer whose order is open when all is quiet says."""
        return random.Random(f"{self.seed}/ending/{who}").choice(("haan confirm", "cancel"))

    # -- faults

    def make_faults(self, rng):
        lanes = {}
        for name in PROCESSES:
            program = name.split(".")[0]
            lanes[name] = [(f"{verb} {program}", verb, name, most) for verb, most in
                           (("kill", 1.0), ("pause", 5.0), ("end", 0.5))]
        for link in LINKS:
            lanes[f"link {link}"] = [(f"{mode} {link}", mode, link, most) for mode, most in
                                     (("delay", 2.5), ("cut", 0), ("refuse", 1.2), ("hole", 1.5), ("deaf", 1.2))]
        lanes["broker"] = [("restart broker", "broker", "restart", 6.0), ("kill broker", "broker", "kill", 6.0)]
        lanes["database"] = [("crash postgres", "database", "crash", 1.5), ("end backends", "database", "all", 0),
                             ("end backends", "database", "some", 0)]
        lanes["channel"] = [(f"channel: {name}", "behave", name, 0.3) for name in CHANNEL]
        lanes["members"] = [(f"{word} {program}", word, f"{program}.{n}", 1.5) for word, program, n in
                            (("add", "munim-worker", 3), ("add", "munim-sender", 3), ("remove", "munim-worker", 3),
                             ("remove", "munim-sender", 3))]
        for lane, kinds in lanes.items():
            yield from self.lane(rng, lane, kinds)

    def make_surroundings(self, rng):
        """Disks and clocks; dice of their own, so that what is added here leaves every older schedule as it was."""
        lanes = {"database's disk": ([("fill database's disk", "fill", "database", 2.0)], 12.0),
                 "broker's disk": ([("fill broker's disk", "fill", "broker", 2.0)], 30.0)}
        for program in CLOCKED:
            lanes[f"clock of {program}"] = [(f"clock {way} {program}", "clock", program, 4.0)
                                            for way in ("ahead", "back")], 6.0
        for lane, (kinds, pause) in lanes.items():
            late = {kind: DUE_FROM[kind] for kind, *_ in kinds if self.seconds < DUE_FROM.get(kind, 0)}
            self.left_out |= {kind: f"only in runs of {least} s and more" for kind, least in late.items()}
            due = [one for one in kinds if one[0] not in late]
            if due:
                yield from self.lane(rng, lane, due, pause)

    def lane(self, rng, lane, kinds, pause=6.0):
        """Each kind once in any order, then any of them until the time is over, pause seconds at most between two."""
        shuffled = kinds[:]
        if lane != "members":
            rng.shuffle(shuffled)
        busy = sum(most for *_, most in kinds)
        room = self.seconds * 0.85
        squeeze = min(1.0, 0.7 * room / busy) if busy and lane != "broker" else 1.0
        gap = max(0.05, min(pause, (room - busy * squeeze) / len(kinds)))
        at, n = rng.uniform(0.2, 0.2 + gap), 0
        while n < len(kinds) or at < self.seconds * 0.9:
            kind, verb, what, most = (shuffled[n] if n < len(kinds) else kinds[n % len(kinds)] if lane == "members"
                                      else rng.choice(kinds))
            seconds = round(rng.uniform(0.2, 1.0) * most * squeeze, 2)
            how = {"verb": verb, "what": what, "draw": round(rng.random(), 3)}
            yield Fault(round(at, 2), lane, kind, seconds, how)
            at += (most * squeeze if lane == "broker" else seconds) + gap * rng.uniform(0.3, 1.2)
            n += 1

    def text(self):
        lines = [f"seed {self.seed}, {self.seconds} s, {len(self.people)} customers, {len(self.sayings)} webhooks,"
                 f" {len(self.faults)} faults"]
        lines += [f"{one.at:7.2f} {one.kind}" + (f" for {one.seconds} s" if one.seconds else "") for one in self.faults]
        return "\n".join(lines)
