"""What macOS tells: the last input."""

import ctypes
import sys

from core.host.sensing.detector import Reading, Stateless
from net.words import say

_LIBRARY = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
_HID_STATE = 1
_ANY_INPUT = 0xFFFFFFFF


class MacIdle(Stateless):
    """CGEventSourceSecondsSinceLastEventType."""

    def read(self) -> Reading[float]:
        """Seconds since the last input."""
        if sys.platform != "darwin":
            return Reading(None, say("This is not macOS."))
        try:
            ask = ctypes.CDLL(_LIBRARY).CGEventSourceSecondsSinceLastEventType
        except (OSError, AttributeError):
            return Reading(None, say("macOS does not tell when it was used last."))
        ask.restype, ask.argtypes = ctypes.c_double, (ctypes.c_int32, ctypes.c_uint32)
        return Reading(float(ask(_HID_STATE, _ANY_INPUT)), say("macOS tells."))
