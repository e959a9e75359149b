"""Questions to other programs over D-Bus, each with a deadline; the connection is made when it is first needed."""

from typing import Any, Literal

WAIT_S = 1.0


class BusError(Exception):
    """No such bus, or no such answer. str() is one clause for people."""


class Bus:
    """The session's or the system's bus. Used by one thread."""

    def __init__(self, kind: Literal["SESSION", "SYSTEM"]) -> None:
        self._kind = kind
        self._connection: Any = None

    def call(
        self, service: str, path: str, interface: str, method: str, signature: str = "", *arguments: Any
    ) -> tuple[Any, ...]:
        """Call a method and return what it answers. Raises BusError."""
        try:
            import jeepney  # noqa: PLC0415 - installed on Linux alone
            from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415
        except ImportError:
            raise BusError("D-Bus cannot be spoken here") from None
        address = jeepney.DBusAddress(path, bus_name=service, interface=interface)
        message = jeepney.new_method_call(address, method, signature or None, arguments)
        # Nobody is started by being asked: a service that is not there has nothing to say.
        message.header.flags |= jeepney.MessageFlag.no_auto_start
        try:
            if self._connection is None:
                self._connection = open_dbus_connection(self._kind, auth_timeout=WAIT_S)
            reply = self._connection.send_and_get_reply(message, timeout=WAIT_S)
        except (OSError, KeyError, ValueError, RuntimeError, jeepney.DBusErrorResponse) as error:
            self.close()
            raise BusError(f"the {self._kind.lower()} bus does not answer ({_first_line(error)})") from error
        if reply.header.message_type == jeepney.MessageType.error:
            raise BusError(f"{service} is not there")
        body: tuple[Any, ...] = reply.body
        return body

    def get(self, service: str, path: str, interface: str, name: str) -> Any:
        """One property. Raises BusError."""
        (variant,) = self.call(service, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name)
        if not isinstance(variant, tuple) or len(variant) != 2:
            raise BusError(f"{service} answers nonsense")
        return variant[1]

    def close(self) -> None:
        """Hang up; the next call connects again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
