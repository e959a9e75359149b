"""Every number of the DHT that may be tuned, with Kademlia's names where the paper has one."""

from dataclasses import dataclass, field

from net.dht.storage import StorageLimits
from net.wire.limits import MAX_CONTACTS


@dataclass(frozen=True, slots=True)
class DhtConfig:
    """Times in seconds."""

    k: int = MAX_CONTACTS  # size of a bucket, and contacts of one answer
    alpha: int = 3  # peers of one lookup path asked at once
    replicas: int = 10  # nodes, beside the owner's own, that keep a record: 1 in 1000 is lost when half of all die
    margin: int = 3  # nodes beyond `replicas` that a lookup asks before it is content
    read_holders: int = 2  # nodes that hold a dictionary, whose answers are merged into one
    path_holders: int = 3  # the same on each of several disjoint paths: liars say that they hold it, too
    disjoint_paths: int = 4  # of lookups that must not be fooled: stores, and reads that trust no cache
    path_alpha: int = 2  # alpha of each of several paths; with 1, a path whose first answer comes from a liar is lost
    request_timeout: float = 2.0
    stall_after: float = 0.5  # a peer this slow no longer holds up its lookup
    cache_life: float = 5.0  # of what `get` returned; who asks in its second half has it read again meanwhile
    route_life: float = 600.0  # of the nodes found to be nearest to a key that is stored again, while all take it
    token_period: float = 300.0
    tick: float = 30.0  # between rounds of upkeep
    refresh_period: float = 3600.0  # of buckets that no lookup goes through
    self_refresh_period: float = 900.0  # of our own neighbourhood
    small_refresh_period: float = 60.0  # the same in a swarm smaller than one bucket
    replicate_period: float = 3600.0  # of records that nobody stored anew
    greet_delay: float = 1.0  # before a newcomer is given the records that it is nearest to
    silent_after: float = 900.0  # a peer not heard of for so long is asked whether it lives
    forget_after: float = 24 * 3600.0  # a peer that has been failing for so long is dropped
    backoff_first: float = 1.0
    backoff_max: float = 300.0
    max_dialling: int = 32  # peers being dialled back at once
    max_lookups: int = 64  # reads at once
    max_searches: int = 16  # at once, for the nodes nearest to new keys; 8 questions each, with answers of 5 KB
    max_storing: int = 64  # messages with records under way at once, to as many peers
    storage: StorageLimits = field(default_factory=StorageLimits)
