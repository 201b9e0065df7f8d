"""A proxy before a server: it counts round trips, makes the way long, and cuts or stalls connections at a chosen moment.

    with Proxy(server.host, server.port) as proxy:
        proxy.delay = 0.01                      # seconds each way
        proxy.fault = Fault(contains=b"COMMIT", when="during")
        …
        proxy.trips                             # after the login, of all connections

A round trip is a burst of the client that is followed by an answer. With `lockstep` answers are held back until both sides have been
silent for that many seconds: that counts what would have to be waited for however slow the way is, so that a pipeline which is
answered while it is still being sent is one round trip.
"""
import asyncio
import contextlib
import dataclasses
import re
import socket
import struct
import threading
import time
import typing

UP, DOWN = "client to server", "server to client"
READY = b"Z\x00\x00\x00\x05"  # PostgreSQL: ready for a query


@dataclasses.dataclass
class Fault:
    """What happens once: at the `packet`-th packet (from 1, after the login, over all connections) of a direction, or at the first
    packet of the client that `contains` these bytes, whatever their case, or at the first packet of a `login`.

    when: before   that packet is not passed on
          during   it is passed on, and nothing after it
          after    the server's answer to it has arrived, and is not passed on
          late     the answer was passed on, and then
    how:  rst      both sides see the connection reset
          fin      both sides see it closed
          half     the client sees it reset; the server sees nothing, until heal()
          stall    nothing passes any more, until heal()
          deaf     nothing passes on any connection, also not on new ones, until heal()
          or a function, which is called instead
    """
    contains: bytes = b""
    nth: int = 1  # … the n-th such packet
    packet: int = 0
    direction: str = UP
    when: str = "before"
    how: typing.Any = "rst"
    login: bool = False
    armed: bool = True
    happened: threading.Event = dataclasses.field(default_factory=threading.Event)

    def _is_in(self, data):
        """As words of their own: a COMMIT, not @@autocommit."""
        before = rb"(?<![\w@])" if self.contains[:1].isalnum() else b""
        after = rb"(?!\w)" if self.contains[-1:].isalnum() else b""
        return re.search(before + re.escape(self.contains) + after, data, re.IGNORECASE) is not None

    def meets(self, direction, number, data):
        if self.login:
            return False
        if self.contains:
            if direction == DOWN or not self._is_in(data):
                return False
            self.nth -= 1
            return self.nth == 0
        return direction == self.direction and number == self.packet


class Link:
    """One connection through the proxy."""

    def __init__(self):
        self.logged_in, self.stalled, self.waiting = False, False, None
        self.asked, self.trips = False, 0
        self.held, self.quiet_since = [], 0.0
        self.due = {UP: 0.0, DOWN: 0.0}
        self.writers, self.rest = {}, b""


class Proxy:
    def __init__(self, host, port, protocol):
        self.host, self.server_port = host, port
        self.protocol = protocol
        self.delay, self.lockstep = 0.0, 0.0
        self.fault = None
        self.refusing, self.deaf = False, False
        self.links, self.packets, self.port = [], {UP: 0, DOWN: 0}, None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    # ---- for tests ----

    def __enter__(self):
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def trips(self):
        return sum(link.trips for link in self.links)

    def reset(self):
        """Begin to count anew."""
        self.links, self.packets = [], {UP: 0, DOWN: 0}

    def heal(self):
        """Connections that are stalled, or half there, go away."""
        async def close():
            self.deaf = False
            for link in self.links:
                if link.stalled:
                    self._drop(link, "rst")
        self._call(close())

    # ---- inside ----

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _end(self):
        self._server.close()
        for link in self.links:
            self._drop(link, "rst")
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.sleep(0)

    async def _accept(self, reader, writer):
        link = Link()
        self.links.append(link)
        link.writers[DOWN] = writer
        try:
            if self.refusing:
                raise OSError("refused")
            from_server, link.writers[UP] = await asyncio.open_connection(self.host, self.server_port)
        except OSError:
            self._drop(link, "rst")
            return
        for one in link.writers.values():
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.lockstep:
            self._loop.create_task(self._release(link))
        await asyncio.gather(self._pump(link, UP, reader), self._pump(link, DOWN, from_server))

    async def _pump(self, link, direction, reader):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(1 << 16):
                self._passes(link, direction, data)
        if not link.stalled:
            while link.held:
                await asyncio.sleep(0.001)
            with contextlib.suppress(OSError, RuntimeError):
                delay = max(0.0, link.due[direction] - time.monotonic())
                self._loop.call_later(delay + 0.001, link.writers[direction].close)

    def _passes(self, link, direction, data):
        link.stalled |= self.deaf
        if link.stalled:
            return
        if not link.logged_in:
            if direction == UP and self.fault and self.fault.armed and self.fault.login:
                self.fault.armed = False
                self._happen(link, self.fault)
                return
            self._send(link, direction, data)
            if direction == DOWN:
                self._look_for_login(link, data)
            return
        self.packets[direction] += 1
        if direction == DOWN and link.waiting:
            self._answered(link, data)
            return
        fault = self.fault
        if fault and fault.armed and fault.meets(direction, self.packets[direction], data):
            fault.armed = False
            if fault.when == "before":
                self._happen(link, fault)
                return
            if fault.when == "during" or direction == DOWN:
                self._send(link, direction, data)
                self._loop.call_soon(self._happen, link, fault)
                return
            link.waiting = fault
        if direction == UP:
            link.asked = True
        elif self.lockstep:
            link.held.append(data)
            link.quiet_since = time.monotonic()
            return
        elif link.asked:
            link.asked, link.trips = False, link.trips + 1
        link.quiet_since = time.monotonic()
        self._send(link, direction, data)

    def _answered(self, link, data):
        fault, link.waiting = link.waiting, None
        if fault.when == "late":
            self._send(link, DOWN, data)
        self._loop.call_later(self.delay + 0.001, self._happen, link, fault)
        link.stalled = fault.when == "after"

    def _look_for_login(self, link, data):
        link.rest += data
        if self.protocol == "postgres":
            link.logged_in = READY in link.rest
            link.rest = link.rest[-8:]
            return
        while len(link.rest) >= 4:
            length = int.from_bytes(link.rest[:3], "little")
            if len(link.rest) < 4 + length:
                return
            link.logged_in |= length > 0 and link.rest[4] == 0
            link.rest = link.rest[4 + length:]

    def _send(self, link, direction, data):
        def write():
            with contextlib.suppress(OSError, RuntimeError):
                link.writers[direction].write(data)
        if not self.delay:
            write()
            return
        link.due[direction] = max(link.due[direction] + 1e-6, time.monotonic() + self.delay)
        self._loop.call_at(link.due[direction] - time.monotonic() + self._loop.time(), write)

    async def _release(self, link):
        """Answers go on when everybody is silent."""
        while True:
            await asyncio.sleep(self.lockstep / 4)
            if link.held and time.monotonic() - link.quiet_since >= self.lockstep:
                held, link.held = link.held, []
                if link.asked:
                    link.asked, link.trips = False, link.trips + 1
                for data in held:
                    self._send(link, DOWN, data)

    def _happen(self, link, fault):
        if callable(fault.how):
            def call():
                fault.how()
                self._loop.call_soon_threadsafe(self._drop, link, "rst")
                fault.happened.set()
            threading.Thread(target=call, daemon=True).start()
            return
        self._drop(link, fault.how)
        fault.happened.set()

    def _drop(self, link, how):
        link.stalled = True
        self.deaf |= how == "deaf"
        if how in ("stall", "deaf"):
            return
        for direction, writer in link.writers.items():
            if how == "half" and direction == UP:
                continue
            if how != "fin":
                with contextlib.suppress(OSError):
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()
