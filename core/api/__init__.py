"""What researchers program against: Hivemind's names, parameters and meanings where the thing is the same.

    from core.api import DHT, RemoteMixtureOfExperts, Server      # was: from hivemind import …

Every call is synchronous and may come from any thread; the network runs in one thread of this process, and nothing is
forked, so it works on Windows and beside CUDA. Where something cannot be the same, its docstring says so; what holds
everywhere:

- Peers are named by addresses like `tcp://192.168.1.7:4800`; multiaddresses (`/ip4/192.168.1.7/tcp/4800`) are read too.
- Records are signed by their owner, at most 1000 bytes long, and live for at most two hours.
- Uids are `prefix.i.j.k` of 1 to 4 dimensions and 65,536 places, the prefix in lower-case letters, digits and `_`.
- Tensors travel as bytes with checked headers; nothing from the network is ever unpickled or run.

Names are imported when they are first used: importing this package loads neither torch nor ZeroMQ.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_PLACES = {
    "core.api.averaging": ("DecentralizedAverager",),
    "core.api.background": ("background_server",),
    "core.api.backend": ("ModuleBackend", "register_expert_class"),
    "core.api.beam_search": ("MoEBeamSearcher",),
    "core.api.dht": ("DHT", "PeerID", "ValueWithExpiration", "get_dht_time"),
    "core.api.experts": ("ExpertInfo", "RemoteExpert", "create_remote_experts", "declare_experts", "get_experts"),
    "core.api.mixtures": ("RemoteMixtureOfExperts", "RemoteSwitchMixtureOfExperts"),
    "core.api.optimizer": ("Optimizer",),
    "core.api.server": ("Server",),
    "core.api.tensors": (
        "BatchTensorDescriptor",
        "CompressionType",
        "deserialize_torch_tensor",
        "serialize_torch_tensor",
    ),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "DHT",
    "BatchTensorDescriptor",
    "CompressionType",
    "DecentralizedAverager",
    "ExpertInfo",
    "MoEBeamSearcher",
    "ModuleBackend",
    "Optimizer",
    "PeerID",
    "RemoteExpert",
    "RemoteMixtureOfExperts",
    "RemoteSwitchMixtureOfExperts",
    "Server",
    "ValueWithExpiration",
    "background_server",
    "create_remote_experts",
    "declare_experts",
    "deserialize_torch_tensor",
    "get_dht_time",
    "get_experts",
    "register_expert_class",
    "serialize_torch_tensor",
]

if TYPE_CHECKING:
    from core.api.averaging import DecentralizedAverager
    from core.api.backend import ModuleBackend, register_expert_class
    from core.api.background import background_server
    from core.api.beam_search import MoEBeamSearcher
    from core.api.dht import DHT, PeerID, ValueWithExpiration, get_dht_time
    from core.api.experts import ExpertInfo, RemoteExpert, create_remote_experts, declare_experts, get_experts
    from core.api.mixtures import RemoteMixtureOfExperts, RemoteSwitchMixtureOfExperts
    from core.api.optimizer import Optimizer
    from core.api.server import Server
    from core.api.tensors import (
        BatchTensorDescriptor,
        CompressionType,
        deserialize_torch_tensor,
        serialize_torch_tensor,
    )


def __getattr__(name: str) -> Any:
    if name not in _PLACE_OF:
        raise AttributeError(f"core.api has no {name!r}; it has {', '.join(__all__)}.")
    return getattr(import_module(_PLACE_OF[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
