"""The process of `background_server`: one server, until standard input ends."""

import json
import os
import sys

from core.api.server import Server
from core.errors import HiveletError


def main() -> int:
    """Serve. Prints one JSON line with the peer's id and addresses."""
    try:
        server = Server.create(**json.loads(sys.argv[1]), start=True)
    except HiveletError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(json.dumps({"peer_id": server.dht.peer_id.hex(), "addrs": server.dht.get_visible_maddrs()}), flush=True)  # noqa: T201
    while os.read(0, 1024):
        pass
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
