"""The engine's log: the last lines in memory for windows and scripts, and files of bounded size for later."""

import logging
import logging.handlers
from collections import deque
from itertools import islice

from core.paths import Home

MAX_LINES = 10_000
MAX_TEXT = 8_000
_MAX_ANSWER_LINES = 2_000
_MAX_ANSWER_CHARS = 1_000_000
_FILE_BYTES = 2_000_000
_FILES = 4
_FILE_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"


class LogBuffer(logging.Handler):
    """Keeps the last lines, numbered from 1 without gaps; a traceback belongs to its line's text."""

    def __init__(self, capacity: int = MAX_LINES) -> None:
        super().__init__()
        self._lines: deque[tuple[int, float, str, str, str]] = deque(maxlen=capacity)
        self._last = 0
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging, under this handler's lock."""
        try:
            text = self.format(record)
        except (TypeError, ValueError) as error:
            text = f"{record.msg} (cannot be formatted: {error})"
        if len(text) > MAX_TEXT:
            # The end of a traceback says what happened, the beginning of a message what it is about.
            text = f"{text[: MAX_TEXT // 2]} … {text[-MAX_TEXT // 2 :]}"
        self._last += 1
        self._lines.append((self._last, record.created, record.levelname, record.name, text))

    def after(self, number: int, limit: int) -> list[list[int | float | str]]:
        """Lines with a higher number, oldest first, at most `limit`: the answer of the log command.

        When `number` was given by an earlier run of the engine and is higher than any here, all lines are new.
        """
        self.acquire()
        try:
            oldest = self._last - len(self._lines)
            start = 0 if number > self._last else max(0, number - oldest)
            chosen = list(islice(self._lines, start, start + max(0, min(limit, _MAX_ANSWER_LINES))))
        finally:
            self.release()
        answer: list[list[int | float | str]] = []
        size = 0
        for line in chosen:
            size += len(line[4])
            if size > _MAX_ANSWER_CHARS and answer:
                break  # the rest comes with the next question
            answer.append(list(line))
        return answer


class QuietRotatingFile(logging.handlers.RotatingFileHandler):
    """A log file that gives up silently when the disk is full or the file is held: the log must not stop the work."""

    lost = 0
    """Lines that could not be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's own signature
        """Count what could not be written."""
        self.lost += 1


def start_logging(home: Home, level: int = logging.INFO) -> LogBuffer:
    """Send what Hivelet's loggers say to memory and to `home.logs`/engine.log. Call once, early, per process."""
    buffer = LogBuffer()
    handlers: list[logging.Handler] = [buffer]
    problem = ""
    try:
        file = QuietRotatingFile(
            home.logs / "engine.log", maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8", errors="replace"
        )
        file.setFormatter(logging.Formatter(_FILE_FORMAT))
        handlers.append(file)
    except OSError as error:
        problem = f"No log file can be written in {home.logs} ({error.strerror}); the log is kept in memory alone."
    root = logging.getLogger()
    root.setLevel(level)
    for handler in handlers:
        root.addHandler(handler)
    logging.captureWarnings(capture=True)
    if problem:
        logging.getLogger(__name__).warning(problem)
    return buffer


def stop_logging(buffer: LogBuffer) -> None:
    """Undo `start_logging`: close the file and let go of the root logger."""
    logging.captureWarnings(capture=False)
    root = logging.getLogger()
    for handler in list(root.handlers):
        if handler is buffer or isinstance(handler, QuietRotatingFile):
            root.removeHandler(handler)
            handler.close()
