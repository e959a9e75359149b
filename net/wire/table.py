"""The closed table of messages, by their codes, and the parts that they are made of."""

from net.addresses import Contact, Route
from net.wire.messages import (
    ExpertBackward,
    ExpertCall,
    ExpertDescribe,
    ExpertDescription,
    ExpertForward,
    ExpertResult,
    ExpertResults,
    Failure,
    FindNode,
    FindValue,
    Found,
    Hello,
    Introduce,
    Introduction,
    Message,
    Nodes,
    Ping,
    Pong,
    Record,
    Store,
    Stored,
    TensorHeader,
    TensorKind,
    TrunkExchange,
    TrunkFetch,
    TrunkState,
    Values,
    Welcome,
)
from net.wire.nat_messages import (
    CircuitOpened,
    CloseCircuit,
    DialBack,
    DialBackResult,
    Knock,
    Knocked,
    OpenCircuit,
    Reserve,
    Reserved,
    Reverse,
    Reversed,
)

PARTS: tuple[type, ...] = (Contact, Route, Record, Found, TensorHeader, TensorKind, ExpertCall, ExpertResult)

TABLE: dict[int, type[Message]] = {
    cls.CODE: cls
    for cls in (
        Introduce, Introduction, Hello, Welcome, Failure,
        Ping, Pong, FindNode, Nodes, FindValue, Values, Store, Stored,
        ExpertForward, ExpertBackward, ExpertResults, ExpertDescribe, ExpertDescription,
        TrunkFetch, TrunkExchange, TrunkState,
        DialBack, DialBackResult, Knock, Knocked,
        Reserve, Reserved, OpenCircuit, CircuitOpened, CloseCircuit, Reverse, Reversed,
    )
}  # fmt: skip
