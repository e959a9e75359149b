"""The closed table of commands on the control socket: name, arguments, answer.

| command | arguments | answer |
|---|---|---|
| status | – | EngineSnapshot.to_dict() |
| history | since: float | {"points": [[t, samples_per_s, loss or None, metric or None, budget_now, state], …]} |
| log | after: int, limit: int | {"lines": [[number, t, level, logger, text], …]} with number > after, oldest first |
| pause | seconds: float or None (None: until resumed) | {} |
| resume | – | {} |
| finish | – | {} : completes what runs, saves, then the engine stops |
| budget | share: float in [0, 1] | {} |
| preferences_get | – | {"values": {name: value}} |
| preferences_set | values: {name: value} | {} : all or nothing |
| preferences_simulate | values: {name: value} | {"since": t, "hours": h, "now": OUTCOME, "then": OUTCOME} |
| preferences_export | – | {"text": str} : a file as `preferences_import` takes it |
| preferences_import | text: str | {"values": {name: value}, "problems": [str, …]} : what is missing gets its default |
| activity | span: "day", "week", "month" or "all" | {"columns": [str, …], "rows": [[…], …], "energy": str} |
| projects | – | {"projects": [PROJECT, …]} : the one at work, joined ones, those that ship with Hivelet |
| project_show | what: str | PROJECT : of a file, a link or a name, before it is joined |
| project_join | what: str | PROJECT : from the engine's next start on; the one joined last is worked on |
| project_leave | project_id: str | {} |
| trust | – | {"rows": [{month, project, peer, kind, messages, tensors, bytes, last}, …], "projects": {id: name}} |
| detectors | – | {"detectors": [{name, title, works, reading, sentence}, …]} |
| evaluate | – | {"metric": str, "value": float, "baseline": float} : on held-out data, through the swarm |
| generate | prompt: str, length: int | {"text": str} : text projects only |
| generate_start | prompt: str, length: int | {"id": int} : the same, to be read while it is written; one at a time |
| generate_read | id: int, after: int | {"pieces": [[str, [[uid, peer], …]], …], "done": bool, "problem": str} |
| generate_stop | id: int | {} |
| release_publish | record: hex | {"version": str} : news of a release, passed on to the swarm |
| quit | – | {} : saves and stops |
| debug_trunk | – | {"digest": hex, "norm": float, "vector_sample": [64 floats]} : for tests of drift |

activity: rows of five minutes (day), an hour (week), six hours (month) or a local day (all), oldest first; the columns
are those of `core.ledger.activity.COLUMNS`. OUTCOME is {worked_h, share, full_h, gflop_hours, kwh, held_h: {code: h}}:
what the present preferences, and those with `values` changed, would have done in the last seven days.

generate_read: pieces after the first `after` ones, at most 500, each with the experts that the mixture used for it, a
layer after the other, the gate's favourites first, and the peer id of each one's host, "" for this computer.

PROJECT is what `core.projects.authoring.describe` tells, with bootstrap: [str, …], joined, current and built_in: bool.

history: points newer than `since`, at most 3600, all of them when `since` is 0 or lies after the newest.

On the wire a request is msgpack [id, name, arguments], an answer [id, true, result] or [id, false, {code, text}]:
`code` is a stable word ("bad_request", "busy", "deadline", "too_large", "internal", or the name of a HiveletError in
snake_case), `text` one clear sentence. The client raises ControlError from them. Sentences in an answer that have
values in them are named once more under WORDS, {sentence: [template, {name: value}]}, so that windows can say them in
another language; a kind after a field's name says how its value is written (`net.words.say`).
"""

import math
from dataclasses import dataclass
from typing import Any

WORDS = "words"
UNTIL_RESTART = -1.0
"""As `seconds` of pause: until the engine is restarted."""

COMMANDS: dict[str, dict[str, tuple[type, ...]]] = {
    "status": {},
    "history": {"since": (int, float)},
    "log": {"after": (int,), "limit": (int,)},
    "pause": {"seconds": (int, float, type(None))},
    "resume": {},
    "finish": {},
    "budget": {"share": (int, float)},
    "preferences_get": {},
    "preferences_set": {"values": (dict,)},
    "preferences_simulate": {"values": (dict,)},
    "preferences_export": {},
    "preferences_import": {"text": (str,)},
    "activity": {"span": (str,)},
    "projects": {},
    "project_show": {"what": (str,)},
    "project_join": {"what": (str,)},
    "project_leave": {"project_id": (str,)},
    "trust": {},
    "detectors": {},
    "evaluate": {},
    "generate": {"prompt": (str,), "length": (int,)},
    "generate_start": {"prompt": (str,), "length": (int,)},
    "generate_read": {"id": (int,), "after": (int,)},
    "generate_stop": {"id": (int,)},
    "release_publish": {"record": (str,)},
    "quit": {},
    "debug_trunk": {},
}

DEADLINES_S: dict[str, float] = {
    "evaluate": 300.0,
    "generate": 300.0,
    "finish": 15.0,
    "quit": 15.0,
    "preferences_simulate": 60.0,
}
"""How long a handler may take; others DEFAULT_DEADLINE_S."""
DEFAULT_DEADLINE_S = 10.0

MAX_REQUEST_BYTES = 64 * 1024
MAX_REPLY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Command:
    """One request of a window or script: a name of COMMANDS with exactly its arguments."""

    name: str
    arguments: dict[str, Any]

    @classmethod
    def parse(cls, name: object, arguments: object) -> "Command":
        """Check against the table. Raises ValueError with one clear sentence."""
        if not isinstance(name, str) or name not in COMMANDS:
            raise ValueError(f"There is no command {name!r}.")
        expected = COMMANDS[name]
        if not isinstance(arguments, dict) or set(arguments) != set(expected):
            raise ValueError(f"{name} takes {', '.join(expected) or 'no arguments'}.")
        for key, kinds in expected.items():
            value = arguments[key]
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise ValueError(f"{name}: {key} has the wrong type.")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name}: {key} must be a finite number.")
        return cls(name, arguments)
