"""A TCP proxy that misbehaves when told to: what a network does to connections, between any two of our processes.

One event loop in one thread serves every proxy of a run. A fault has an end of its own, so that nothing stays broken
because somebody forgot; `heal` ends all of them at once.
"""
import asyncio
import socket
import struct
import threading
import time

CHUNK = 1 << 16
MODES = ("delay", "cut", "refuse", "hole", "deaf")


class Proxies:
    """The loop, and the proxies that run on it."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="proxies", daemon=True)
        self.thread.start()

    def add(self, target):
        """A proxy on a port of the kernel's choice. target() gives ("host", port) or a socket's path."""
        proxy = Proxy(self.loop, target)
        asyncio.run_coroutine_threadsafe(proxy.open(), self.loop).result(10)
        return proxy

    def close(self):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    async def end(self):
        """Every connection with it; nothing is left pending."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Proxy:
    """delay: bytes come later, in order. cut: connections are reset. refuse: new ones too, for a while.
    hole: no byte passes, then a reset. deaf: what the client says arrives, what he would hear is lost, then a reset."""

    def __init__(self, loop, target):
        self.loop = loop
        self.target = target
        self.address = ""
        self.mode, self.until, self.delay = "", 0.0, 0.0
        self.writers = set()
        self.connections = 0  # ever
        self.struck = {mode: 0 for mode in MODES}  # bytes held or lost, connections reset

    async def open(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        self.address = f"{host}:{port}"

    # -- told from other threads

    def strike(self, mode, seconds=0.0, delay=0.0):
        asyncio.run_coroutine_threadsafe(self._strike(mode, seconds, delay), self.loop).result(10)

    def heal(self):
        asyncio.run_coroutine_threadsafe(self._heal(), self.loop).result(10)

    async def _strike(self, mode, seconds, delay):
        open_ones = len(self.writers)
        if mode in ("cut", "refuse"):
            self.struck[mode] += open_ones
            self.reset_all()
        # Where there is nothing to cut, the next connection is, in the middle of what its client says.
        self.mode, self.delay = ("", 0.0) if mode == "cut" and open_ones else (mode, delay)
        self.until = time.monotonic() + (seconds or 1.0)

    async def _heal(self):
        if self.mode in ("hole", "deaf"):
            self.reset_all()
        self.mode = ""

    # -- on the loop

    def now(self):
        """The mode at present; one whose time is over leaves no half-open connection behind."""
        if self.mode and time.monotonic() >= self.until:
            broken = self.mode in ("hole", "deaf")
            self.mode = ""
            if broken:
                self.reset_all()
        return self.mode

    def reset_all(self):
        for writer in list(self.writers):
            reset(writer)

    async def serve(self, reader, writer):
        self.connections += 1
        if self.now() == "refuse":
            self.struck["refuse"] += 1
            reset(writer)
            return
        try:
            target = self.target()
            far = await (asyncio.open_unix_connection(target) if isinstance(target, str)
                         else asyncio.open_connection(*target))
        except OSError:
            reset(writer)
            return
        pair = {writer, far[1]}
        self.writers |= pair
        pumps = [asyncio.ensure_future(self.pump(reader, far[1], False)),
                 asyncio.ensure_future(self.pump(far[0], writer, True))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        self.writers -= pair
        for one in pair:
            one.close()

    async def pump(self, reader, writer, answers):
        try:
            while True:
                data = await reader.read(CHUNK)
                if not data:
                    return
                mode = self.now()
                if mode == "cut":
                    self.struck["cut"] += 1
                    self.mode = ""
                    self.reset_all()
                    return
                if mode == "delay":
                    self.struck["delay"] += len(data)
                    await asyncio.sleep(self.delay)
                while (mode := self.now()) == "hole" or (mode == "deaf" and answers):
                    self.struck[mode] += len(data)
                    data = b"" if answers else data
                    await asyncio.sleep(0.05)
                # Whoever has hung up meanwhile is not spoken for any more.
                if reader.at_eof() or writer.is_closing():
                    return
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return


def reset(writer):
    """Ends the connection as a dead peer's kernel does: RST, unread bytes lost."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.family != socket.AF_UNIX:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()
