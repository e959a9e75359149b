"""`hivelet engine`: take the home, load what is kept there, run the engine until it is asked to stop."""

import asyncio
import contextlib
import faulthandler
import io
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from core.cli.output import say, say_error, say_json
from core.control.lock import EngineLock
from core.control.log_buffer import LogBuffer, start_logging, stop_logging
from core.engine.driver import Engine
from core.engine.options import EngineOptions
from core.engine.project_choice import choose_project
from core.engine.stdin import wait_for_end_of_input
from core.errors import HiveletError, HomeError, UsageError
from core.host.interpreter import hand_over_quickly
from core.host.memory import keep_heap_small
from core.paths import Home
from core.preferences_file import Preferences
from core.version import about
from net.clock import new_event_loop
from net.errors import AddressError, IdentityError, NetError
from net.identity import Identity

log = logging.getLogger("hivelet.engine")


def run_engine(options: EngineOptions, *, as_json: bool) -> int:
    """Run one engine. Returns the exit code; raises HiveletError for what a person must know before it starts."""
    home = Home.find(options.home).create()
    with EngineLock(home), _logging(home) as buffer:
        project = choose_project(home, options.project)  # a bad file is told at once, before anything starts
        try:
            identity = Identity.load_or_create(home.identity)
        except IdentityError as error:
            raise HomeError(str(error)) from error
        preferences, problems = Preferences.load(home.preferences)
        for problem in problems:
            log.warning("%s", problem)
            say_error(problem)
        log.info("%s.", ", ".join(f"{what} {which}" for what, which in about()))
        with contextlib.suppress(AttributeError, RuntimeError, io.UnsupportedOperation):  # nobody listens
            faulthandler.enable(sys.stderr)  # the window keeps what we say; a crash below Python shows where it was
        hand_over_quickly()
        keep_heap_small()
        engine = Engine(home, options, project, preferences, identity, buffer)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            loop = runner.get_loop()
            with _stop_on(engine, loop, options.stop_with_stdin):
                try:
                    return runner.run(engine.run(lambda address: _announce(address, home, as_json)))
                except AddressError as error:
                    raise UsageError(str(error)) from error
                except NetError as error:
                    raise HiveletError(str(error)) from error
                except HiveletError:
                    raise
                except Exception as error:
                    log.exception("The engine stopped")
                    text = f"The engine stopped because of a fault in it ({error}); {home.logs} holds the details."
                    raise HiveletError(text) from error


def _announce(address: str, home: Home, as_json: bool) -> None:
    """Tell the person who started it how others join."""
    with contextlib.suppress(OSError):  # nobody may be listening any more
        if as_json:
            say_json({"event": "listening", "address": address, "home": str(home.root)})
        else:
            say(f"Engine runs in {home.root}. Others join with --bootstrap {address}")


@contextlib.contextmanager
def _logging(home: Home) -> Iterator[LogBuffer]:
    """Everything that is logged goes to memory (for windows) and a file, never to the terminal."""
    buffer = start_logging(home)
    try:
        yield buffer
    finally:
        stop_logging(buffer)


@contextlib.contextmanager
def _stop_on(engine: Engine, loop: asyncio.AbstractEventLoop, stdin: bool) -> Iterator[None]:
    """Signals, and the end of standard input when asked, stop the engine in order."""

    def stop() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed already: it has stopped
            loop.call_soon_threadsafe(engine.quit)

    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), lambda *_: stop()) for name in names}
    if stdin:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), name="stdin", daemon=True).start()
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _stop_at_end_of_input(stop: Callable[[], None]) -> None:
    wait_for_end_of_input()
    stop()
