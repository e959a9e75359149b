"""What Windows tells: the last input, whether a program fills the screen, and whether the network is metered."""

import ctypes
import sys
from typing import Any

from core.host.sensing.detector import Reading, Stateless
from net.words import say

_BUSY_STATES = {2: "a full screen program runs", 3: "a game fills the screen", 4: "a presentation is shown"}
_FIXED, _VARIABLE, _OVER_LIMIT, _ROAMING = 0x2, 0x4, 0x10000, 0x40000
_METERED = _FIXED | _VARIABLE | _OVER_LIMIT | _ROAMING
_UNRESTRICTED = 0x1
_CLSCTX_ALL = 23
_RELEASE, _GET_COST = 2, 3  # places in the table of INetworkCostManager


class _LastInput(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))


class _Guid(ctypes.Structure):
    _fields_ = (("a", ctypes.c_ulong), ("b", ctypes.c_ushort), ("c", ctypes.c_ushort), ("d", ctypes.c_ubyte * 8))


def idle_from_ticks(now: int, last: int) -> float:
    """Seconds between two readings of the 32-bit millisecond counter, which starts anew every 49.7 days."""
    return ((now - last) & 0xFFFFFFFF) / 1000


class WindowsIdle(Stateless):
    """GetLastInputInfo."""

    def read(self) -> Reading[float]:
        """Seconds since the last input of this session."""
        if sys.platform != "win32":
            return Reading(None, say("This is not Windows."))
        info = _LastInput(ctypes.sizeof(_LastInput), 0)
        if not ctypes.windll.user32.GetLastInputInfo(ctypes.byref(info)):
            return Reading(None, say("Windows does not tell when it was used last."))
        now = ctypes.windll.kernel32.GetTickCount() & 0xFFFFFFFF
        return Reading(idle_from_ticks(now, info.tick), say("Windows tells."))


class WindowsFullscreen(Stateless):
    """SHQueryUserNotificationState."""

    def read(self) -> Reading[bool]:
        """Whether something fills the screen."""
        if sys.platform != "win32":
            return Reading(None, say("This is not Windows."))
        state = ctypes.c_int(0)
        if ctypes.windll.shell32.SHQueryUserNotificationState(ctypes.byref(state)):
            return Reading(None, say("Windows does not tell whether a program fills the screen."))
        found = _BUSY_STATES.get(state.value, "")
        return Reading(bool(found), say("Windows tells: {what}.", what=found) if found else say("Windows tells."))


class WindowsMetered(Stateless):
    """INetworkCostManager::GetCost."""

    period_s = 60.0

    def read(self) -> Reading[bool]:
        """Whether the present network has a price by volume."""
        if sys.platform != "win32":
            return Reading(None, say("This is not Windows."))
        cost = self._cost()
        metered = is_metered(cost)
        if metered is None:
            return Reading(None, say("Windows does not know what this network costs."))
        return Reading(metered, say("Windows tells."))

    def _cost(self) -> int:
        if sys.platform != "win32":
            return 0
        ole, manager = ctypes.windll.ole32, ctypes.c_void_p()
        ole.CoInitializeEx(None, 0)
        classes = (_guid("DCB00C01570F4A9B8D69199FDBA5723B"), _guid("DCB00008570F4A9B8D69199FDBA5723B"))
        try:
            made = ole.CoCreateInstance(
                ctypes.byref(classes[0]), None, _CLSCTX_ALL, ctypes.byref(classes[1]), ctypes.byref(manager)
            )
            if made or not manager:
                return 0
            cost = ctypes.c_uint(0)
            failed = _method(manager, _GET_COST, ctypes.c_void_p, ctypes.c_void_p)(manager, ctypes.byref(cost), None)
            _method(manager, _RELEASE)(manager)
            return 0 if failed else cost.value
        finally:
            ole.CoUninitialize()


def is_metered(cost: int) -> bool | None:
    """From NLM_CONNECTION_COST; None when Windows does not know."""
    if cost & _METERED:
        return True
    return False if cost & _UNRESTRICTED else None


def _guid(digits: str) -> _Guid:
    tail = (ctypes.c_ubyte * 8)(*bytes.fromhex(digits[16:]))
    return _Guid(int(digits[:8], 16), int(digits[8:12], 16), int(digits[12:16], 16), tail)


def _method(instance: Any, place: int, *kinds: Any) -> Any:
    """A method of a COM object, by its place in the table."""
    table = ctypes.cast(instance, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    prototype: Any = ctypes.WINFUNCTYPE(ctypes.c_long, ctypes.c_void_p, *kinds)  # type: ignore[attr-defined,unused-ignore]
    return prototype(table[place])
