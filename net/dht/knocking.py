"""How often strangers' doors may be knocked at in vain: whoever names an address need not live there.

A thousand identities can be made in a second, and each may claim a victim's address. The blacklist, which knows runs
of peers, does not see that they all mean the same computer; this does.
"""

from collections import OrderedDict
from functools import lru_cache

from net.addresses import Endpoint


class Knocks:
    """Calls to peers that have never answered, by the computer that their cards name; those answered do not count.

    most: such calls to one computer within `window_s`; capacity: computers remembered. Times are monotonic seconds.
    """

    def __init__(self, most: int = 8, window_s: float = 60.0, capacity: int = 4096) -> None:
        self._most = most
        self._window_s = window_s
        self._capacity = capacity
        self._times: OrderedDict[str, tuple[float, ...]] = OrderedDict()  # tuples, since nearly all have one element

    def __len__(self) -> int:
        return len(self._times)

    def allows(self, address: str, now: float) -> bool:
        """Whether a stranger at this address may be called now."""
        times = self._times.get(computer_of(address))
        return times is None or len(times) < self._most or times[0] + self._window_s <= now

    def knocked(self, address: str, now: float) -> None:
        """A stranger at this address is being called."""
        computer = computer_of(address)
        self._times[computer] = (*self._times.pop(computer, ()), now)[-self._most :]
        if len(self._times) > self._capacity:
            self._times.popitem(last=False)

    def opened(self, address: str) -> None:
        """A stranger at this address has answered: its card spoke the truth."""
        computer = computer_of(address)
        times = self._times.get(computer)
        if times is None:
            return
        if len(times) > 1:
            self._times[computer] = times[:-1]
        else:
            del self._times[computer]


@lru_cache(maxsize=16_384)
def computer_of(address: str) -> str:
    """The host of `tcp://HOST:PORT`; on loopback, where many peers share one, all of the address."""
    endpoint = Endpoint.parse(address)
    return address if endpoint.is_loopback else endpoint.host
