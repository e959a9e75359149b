"""What the programs of a Linux desktop tell: X servers, compositors, the login manager, the network manager."""

import math
import time
from collections.abc import Callable

from core.host.sensing.dbus import Bus, BusError
from core.host.sensing.detector import Reading
from core.host.sensing.wayland import WaylandError, WaylandIdle
from core.host.sensing.x11 import X11, X11Error
from net.words import say

_IDLE_IS_INHIBITED = 8
_METERED = {1: True, 2: False, 3: True, 4: False}


class X11Idle:
    """The extension MIT-SCREEN-SAVER."""

    period_s = 5.0

    def __init__(self, x11: X11) -> None:
        self._x11 = x11

    def read(self) -> Reading[float]:
        """Seconds since the last input."""
        try:
            return Reading(self._x11.idle_s(), say("The X server tells."))
        except X11Error as error:
            return Reading(None, say("{system}: {reason}.", system="X11", reason=str(error)))

    def close(self) -> None:
        """Hang up."""
        self._x11.close()


class CompositorIdle:
    """`ext_idle_notifier_v1` of a Wayland compositor."""

    period_s = 5.0

    def __init__(self, wayland: WaylandIdle) -> None:
        self._wayland = wayland

    def read(self) -> Reading[float]:
        """Seconds since the last input, 0 below a minute."""
        try:
            return Reading(self._wayland.idle_s(), say("The Wayland compositor tells, after a minute without input."))
        except WaylandError as error:
            return Reading(None, say("{system}: {reason}.", system="Wayland", reason=str(error)))

    def close(self) -> None:
        """Hang up."""
        self._wayland.close()


class OverBus:
    """A detector that asks over D-Bus."""

    period_s = 5.0

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def close(self) -> None:
        """Hang up."""
        self._bus.close()


class GnomeIdle(OverBus):
    """org.gnome.Mutter.IdleMonitor."""

    def read(self) -> Reading[float]:
        """Seconds since the last input."""
        service = "org.gnome.Mutter.IdleMonitor"
        try:
            (idle,) = self._bus.call(service, "/org/gnome/Mutter/IdleMonitor/Core", service, "GetIdletime")
            return Reading(int(idle) / 1000, say("GNOME tells."))
        except (BusError, TypeError, ValueError) as error:
            return Reading(None, say("{system}: {reason}.", system="GNOME", reason=str(error)))


class LoginIdle(OverBus):
    """systemd-logind, which hears from desktops when their screen saver starts, and watches text consoles."""

    period_s = 10.0

    def __init__(self, bus: Bus, *, nobody_at: str = "", wall: Callable[[], float] = time.time) -> None:
        """nobody_at: what to say when nobody can be using this computer, which is so when there is no answer; "" when
        somebody can."""
        super().__init__(bus)
        self._nobody_at = nobody_at
        self._wall = wall

    def read(self) -> Reading[float]:
        """Seconds since the desktop called itself idle, 0 before."""
        where = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
        try:
            if not self._bus.get(*where, "IdleHint"):
                return Reading(0.0, say("The login manager tells."))
            since = int(self._bus.get(*where, "IdleSinceHint")) / 1e6
        except (BusError, TypeError, ValueError) as error:
            if self._nobody_at:
                return Reading(math.inf, self._nobody_at)
            return Reading(None, say("{system}: {reason}.", system="Login manager", reason=str(error)))
        return Reading(
            max(0.0, self._wall() - since), say("The login manager tells, after the screen saver has started.")
        )


class X11Fullscreen:
    """The active window's state, as window managers keep it."""

    period_s = 5.0

    def __init__(self, x11: X11) -> None:
        self._x11 = x11

    def read(self) -> Reading[bool]:
        """Whether the active window fills the screen."""
        try:
            full = self._x11.fullscreen()
        except X11Error as error:
            return Reading(None, say("{system}: {reason}.", system="X11", reason=str(error)))
        return Reading(
            full, say("The window manager tells.") if full is not None else say("No window manager is there to tell.")
        )

    def close(self) -> None:
        """Hang up."""
        self._x11.close()


class GnomeBusy(OverBus):
    """Films, games and presentations keep GNOME from starting its screen saver."""

    def read(self) -> Reading[bool]:
        """Whether something does."""
        service = "org.gnome.SessionManager"
        try:
            (inhibited,) = self._bus.call(
                service, "/org/gnome/SessionManager", service, "IsInhibited", "u", _IDLE_IS_INHIBITED
            )
            return Reading(bool(inhibited), say("GNOME tells whether a program keeps the screen awake."))
        except (BusError, TypeError, ValueError) as error:
            return Reading(None, say("{system}: {reason}.", system="GNOME", reason=str(error)))


class KdeBusy(OverBus):
    """Films, games and presentations keep Plasma from dimming the screen."""

    def read(self) -> Reading[bool]:
        """Whether something does."""
        service, path = "org.freedesktop.PowerManagement", "/org/freedesktop/PowerManagement/Inhibit"
        try:
            (inhibited,) = self._bus.call(service, path, f"{service}.Inhibit", "HasInhibit")
            return Reading(bool(inhibited), say("The desktop tells whether a program keeps the screen awake."))
        except (BusError, TypeError, ValueError) as error:
            return Reading(None, say("{system}: {reason}.", system="Power management", reason=str(error)))


class NetworkManagerMetered(OverBus):
    """NetworkManager knows, or guesses from how the network was joined."""

    period_s = 30.0

    def read(self) -> Reading[bool]:
        """Whether the present network is metered."""
        service, path = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
        try:
            metered = _METERED.get(int(self._bus.get(service, path, service, "Metered")))
        except (BusError, TypeError, ValueError) as error:
            return Reading(None, say("{system}: {reason}.", system="NetworkManager", reason=str(error)))
        sentence = say("NetworkManager does not know.") if metered is None else say("NetworkManager tells.")
        return Reading(metered, sentence)
