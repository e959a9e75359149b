"""The key file: where the engine of one home listens, and the keys that open it. Whoever can read it may steer.

Written (0600) after the engine has bound its socket and removed when it stops, so a key file whose address refuses
connections was left by an engine that was killed.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.files import write_atomically

_MAX_BYTES = 4096


@dataclass(frozen=True, slots=True)
class KeyFile:
    """address: tcp://127.0.0.1:PORT; keys: CURVE, Z85 text; pid: the engine's process."""

    address: str
    server_public: str
    client_public: str
    client_secret: str
    pid: int

    def write(self, path: Path) -> None:
        """Put it in place at once. Raises HomeError."""
        write_atomically(path, json.dumps(asdict(self)).encode())

    @classmethod
    def read(cls, path: Path) -> "KeyFile":
        """Raises OSError when it cannot be read and ValueError when it is none."""
        with path.open("rb") as file:
            data = json.loads(file.read(_MAX_BYTES))
        if not isinstance(data, dict) or set(data) != set(cls.__dataclass_fields__):
            raise ValueError("not a control key file")
        if not isinstance(data["pid"], int) or not all(
            isinstance(value, str) for name, value in data.items() if name != "pid"
        ):
            raise ValueError("not a control key file")
        return cls(**data)
