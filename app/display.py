"""Whether a window can be shown, found out before Qt is loaded: Qt itself ends the process when it cannot."""

import contextlib
import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping

INSTEAD = (
    "Run `hivelet engine` to work without one, `hivelet status` to see what it does, or `hivelet demo --headless` "
    "to try it."
)
_DISPLAY = re.compile(r"(?P<host>[^:/]*):(?P<number>\d{1,5})(\.\d+)?")
_XCB_LIBRARIES = (
    "libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-image.so.0", "libxcb-keysyms.so.1", "libxcb-render-util.so.0",
    "libxcb-shape.so.0", "libxkbcommon-x11.so.0",
)  # fmt: skip
_CONNECT_S = 2.0


def problem(environment: Mapping[str, str] = os.environ, platform: str | None = None) -> str:
    """Why no window can be shown and what to do instead, in one sentence each; "" when one can."""
    if (platform or sys.platform) in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM"):
        return ""
    wayland, display = environment.get("WAYLAND_DISPLAY", ""), environment.get("DISPLAY", "")
    if wayland and _listens(os.path.join(environment.get("XDG_RUNTIME_DIR", ""), wayland)):  # noqa: PTH118 - absolute wins
        return ""
    if not display:
        return f"Hivelet finds no display to open its window on. {INSTEAD}"
    if not _x_answers(display):
        return f"The display {display[:40]!r} does not answer, so Hivelet cannot open its window on it. {INSTEAD}"
    missing = [name for name in _XCB_LIBRARIES if not _loads(name)]
    if missing:
        return f"Qt needs {', '.join(missing)} to open windows; install them with your system's packages. {INSTEAD}"
    return ""


def _x_answers(display: str) -> bool:
    found = _DISPLAY.fullmatch(display)
    if not found:
        return True  # a form that only the X library knows; let it try
    number = int(found["number"])
    if found["host"] in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where every X server listens
        return _listens(path) or _listens(f"\0{path}")
    with (
        contextlib.suppress(OSError, OverflowError),
        socket.create_connection((found["host"], 6000 + number), _CONNECT_S),
    ):
        return True
    return False


def _listens(path: str) -> bool:
    if sys.platform == "win32":
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_CONNECT_S)
        probe.connect(path)
        return True
    return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
