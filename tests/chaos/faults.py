"""Strikes what the plan says: one thread for each lane, and a keeper that starts again what has ended by itself."""
import signal
import subprocess
import threading
import time

from instance import alive
from plan import CHANNEL
from surroundings import Surroundings

ALLOWED_ENDS = (0, 75)  # done; what may pass by itself (sysexits)
PATIENCE = 8.0  # seconds for which a fault of a link waits for bytes to spoil


class Faults:
    """instance: the munim under test. proxies: {link: Proxy}. start() begins; heal() ends every fault."""

    def __init__(self, plan, instance, proxies):
        self.plan, self.instance, self.proxies = plan, instance, proxies
        self.wanted = set()  # processes that ought to run
        self.held = set()  # those that a lane has taken down, or holds
        self.lock = threading.RLock()
        self.struck = []  # kinds that had their effect
        self.failed = []  # what could not be struck, and why
        self.kills = 0
        self.own_ends = []  # (name, exit status) of processes that ended without being told to
        self.given_up = []  # of these, what no restart cures, or a crash
        self.client_aborts = []
        self.rules = []  # (kind, requests before it, turns)
        self.stopping = threading.Event()
        self.threads = []
        self.surroundings = Surroundings(instance, self.sleep)

    # -- processes

    def up(self, *names):
        with self.lock:
            self.wanted |= set(names)

    def keep(self):
        """What munim-pool does in production."""
        while not self.stopping.wait(0.2):
            with self.lock:
                for name in sorted(self.wanted - self.held):
                    status = self.instance.processes[name].poll()
                    if status is not None:
                        self.own_ends.append((name, status))
                        if status not in ALLOWED_ENDS:
                            self.look_at_end(name, status)
                        self.instance.launch(name)

    def look_at_end(self, name, status):
        """An assertion of librdkafka is none of ours, and counted apart: to the rest it is one more kill."""
        words = self.last_words(name)
        ours = not (status == -signal.SIGABRT and "rdkafka_" in words and "Assertion" in words)
        (self.given_up if ours else self.client_aborts).append(f"{name} ended with {status}: {words}")

    def last_words(self, name):
        lines = [line for line in self.instance.tail(name, 200).splitlines() if '"level":"error"' in line]
        end = self.instance.tail(name, 1)
        return end if "Assertion" in end or not lines else lines[-1]

    def process(self, fault):
        verb, name = fault.how["verb"], fault.how["what"]
        with self.lock:
            self.held.add(name)
            process = self.instance.processes[name]
            running = process.poll() is None
        if verb == "pause":
            if running:
                process.send_signal(signal.SIGSTOP)
                self.sleep(fault.seconds)
                process.send_signal(signal.SIGCONT)
        else:
            if running:
                process.send_signal(signal.SIGKILL if verb == "kill" else signal.SIGTERM)
                self.gone(process)
            self.kills += verb == "kill" and running
            self.sleep(fault.seconds)
        with self.lock:
            if process.poll() is not None:
                self.instance.launch(name)
            self.held.discard(name)
        return running

    def gone(self, process):
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            self.failed.append(f"pid {process.pid} did not end within 20 s of SIGTERM")
            process.kill()
            process.wait()

    def member(self, fault):
        name = fault.how["what"]
        if fault.how["verb"] == "add":
            with self.lock:
                there = name in self.wanted
                if not there:
                    self.instance.launch(name)
                    self.wanted.add(name)
            return not there
        with self.lock:
            there = name in self.wanted
            self.wanted.discard(name)
        if there:
            process = self.instance.processes[name]
            process.send_signal(signal.SIGTERM)
            self.gone(process)
        return there

    # -- services, links, channel

    def broker(self, fault):
        with self.surroundings.alone["broker"]:
            return self.broker_ends(fault)

    def database(self, fault):
        with self.surroundings.alone["database"]:
            return self.database_ends(fault)

    def broker_ends(self, fault):
        services = self.instance.services
        if fault.how["what"] == "kill":
            services.kafka_kill()
            self.kills += 1
        else:
            services.script("kafka", "stop")
        self.sleep(fault.seconds * 0.3)
        services.kafka_start()
        return True

    def database_ends(self, fault):
        what = fault.how["what"]
        if what == "crash":
            self.instance.services.postgres_crash()
            self.kills += 1
            self.sleep(fault.seconds)
            self.instance.services.postgres_start()
            return True
        some = "" if what == "all" else " and pid %% 2 = 0"
        ended = self.instance.admin("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                    " where datname = %s and application_name <> 'chaos'" + some, self.instance.name)
        return ended[0][0] > 0

    def link(self, fault):
        proxy, mode = self.proxies[fault.how["what"]], fault.how["verb"]
        before, end = proxy.struck[mode], time.monotonic() + PATIENCE
        while True:
            # The channel may be late, but not later than the sender's window allows for.
            proxy.strike(mode, fault.seconds, delay=0.05 + 0.45 * fault.how["draw"])
            self.sleep(fault.seconds or 1.0)
            # Where nobody spoke meanwhile, it lasts until somebody does.
            if proxy.struck[mode] > before or time.monotonic() > end or self.stopping.is_set():
                return proxy.struck[mode] > before

    def behave(self, fault):
        turns = 1 + int(fault.how["draw"] * 5)
        requests = self.instance.counts()["requests"]
        self.instance.behave(times=turns, to="*", **CHANNEL[fault.how["what"]])
        self.rules.append((fault.kind, requests, turns))
        return False  # told by settle_rules

    def settle_rules(self):
        """After rest. A rule has struck when the channel was asked after it and after those before it."""
        requests, used = self.instance.counts()["requests"], 0
        for kind, before, turns in self.rules:
            used = max(used, before)
            if requests > used:
                self.struck.append(kind)
            used += turns
        self.instance.control("reset")

    # -- the course of it

    def sleep(self, seconds):
        self.stopping.wait(seconds)

    def run_lane(self, faults, began):
        for fault in faults:
            self.stopping.wait(max(0.0, began + fault.at - time.monotonic()))
            self.strike(fault)
        # What found nothing to spoil has further chances; the schedule stays as it is.
        for _ in range(3):
            for kind in sorted({fault.kind for fault in faults} - set(self.struck) - set(self.impossible())):
                fault = next(fault for fault in faults if fault.kind == kind)
                if fault.how["verb"] != "behave":
                    self.strike(fault)

    def strike(self, fault):
        if fault.kind in self.impossible():
            return
        if self.stopping.is_set():
            self.failed.append(f"{fault.kind} at {fault.at} s was not reached")
        else:
            verb = fault.how["verb"]
            act = {"kill": self.process, "pause": self.process, "end": self.process, "add": self.member,
                   "remove": self.member, "broker": self.broker, "database": self.database,
                   "behave": self.behave, "fill": self.surroundings.fill, "clock": self.surroundings.clock}.get(verb, self.link)
            try:
                if act(fault):
                    self.struck.append(fault.kind)
            except Exception as why:  # a service that is away by another lane's doing
                self.failed.append(f"{fault.kind} at {fault.at} s: {str(why).strip().splitlines()[-1][:160]}")

    def start(self):
        began = time.monotonic()
        lanes = {}
        for fault in self.plan.faults:
            lanes.setdefault(fault.lane, []).append(fault)
        self.threads = [threading.Thread(target=self.run_lane, args=(faults, began), name=lane, daemon=True)
                        for lane, faults in lanes.items()]
        threading.Thread(target=self.keep, name="keeper", daemon=True).start()
        for thread in self.threads:
            thread.start()
        return began

    def heal(self, patience):
        """Waits until the lanes are through (patience seconds at most), then makes everything whole."""
        end = time.monotonic() + patience
        for thread in self.threads:
            thread.join(max(0.1, end - time.monotonic()))
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), f"the lane {thread.name} hangs"
        for proxy in self.proxies.values():
            proxy.heal()
        self.instance.services.postgres_start()
        self.instance.services.kafka_start()
        if "fill broker's disk" in self.struck:
            self.surroundings.mend()
        for name in sorted(self.wanted):
            process = self.instance.processes[name]
            if alive(process.pid):
                process.send_signal(signal.SIGCONT)

    def guard(self):
        """After heal: the keeper goes on, since a process may still end of what it has met."""
        self.stopping.clear()
        threading.Thread(target=self.keep, name="keeper", daemon=True).start()

    def impossible(self):
        """{kind: why it cannot be struck on this machine}"""
        return {fault.kind: self.instance.lacks[fault.how["verb"]] for fault in self.plan.faults
                if self.instance.lacks.get(fault.how["verb"])}

    def kinds(self):
        """Those that must strike, or the run proves nothing."""
        return sorted({fault.kind for fault in self.plan.faults} - set(self.impossible()))

    def not_due(self):
        """{kind: why this run does not strike it}"""
        return {**self.plan.left_out, **self.impossible()}


