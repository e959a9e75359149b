"""From commands on the control socket to what the engine does. The table is `core.control.commands`."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.control.commands import Command
from core.engine.projects_desk import ProjectsDesk
from core.errors import ControlError
from core.ledger.activity import COLUMNS, SPANS
from core.preferences_file import Preferences
from net.words import say

if TYPE_CHECKING:
    from core.engine.driver import Engine
    from core.engine.work import ProjectWork

EVALUATION_S = 20.0
MOST_POINTS = 3600
MOST_LINES = 1000


class Steering:
    """Performs one command at a time; its arguments were checked against the table."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    async def handle(self, command: Command) -> dict[str, Any]:
        """The command's answer. Raises HiveletError with one clear sentence."""
        engine, arguments = self._engine, command.arguments
        match command.name:
            case "status":
                return engine.snapshot().to_dict()
            case "history":
                return {"points": engine.history.since(arguments["since"])[-MOST_POINTS:]}
            case "log":
                limit = min(max(arguments["limit"], 1), MOST_LINES)
                return {"lines": engine.log_buffer.after(arguments["after"], limit)}
            case "pause":
                self._pause(arguments["seconds"])
            case "resume":
                engine.resume()
            case "finish":
                engine.finish()
            case "quit":
                engine.quit()
            case "budget":
                self._budget(arguments["share"])
            case "preferences_get":
                return {"values": engine.preferences.to_dict()}
            case "preferences_set":
                engine.change_preferences(arguments["values"])
            case "preferences_simulate" | "preferences_export" | "preferences_import":
                return await self._preferences(command)
            case "activity":
                return await self._activity(arguments["span"])
            case "projects" | "project_show" | "project_join" | "project_leave":
                return await asyncio.to_thread(self._projects, command)
            case "trust":
                rows = await asyncio.to_thread(engine.surroundings.trust.rows)
                return {"rows": rows, "projects": engine.project_names()}
            case "detectors":
                return {"detectors": [asdict(view) for view in engine.surroundings.senses.views()]}
            case "evaluate":
                result = await self._work().evaluate(EVALUATION_S)
                return {"metric": result.metric, "value": result.value, "baseline": result.baseline}
            case "generate":
                return {"text": await self._work().generate(arguments["prompt"], arguments["length"])}
            case "generate_start":
                return {"id": self._work().writer.start(arguments["prompt"], arguments["length"])}
            case "generate_read":
                return self._work().writer.read(arguments["id"], arguments["after"])
            case "generate_stop":
                self._work().writer.stop(arguments["id"])
            case "release_publish":
                return {"version": engine.updates.publish(arguments["record"])}
            case "debug_trunk":
                return self._work().trunk_digest()
            case name:
                raise ControlError(f"This engine does not know the command {name}.")
        return {}

    def _projects(self, command: Command) -> dict[str, Any]:
        desk, arguments = ProjectsDesk(self._engine.home, self._engine.project), command.arguments
        match command.name:
            case "projects":
                return {"projects": desk.all()}
            case "project_show":
                return desk.look(arguments["what"])
            case "project_join":
                return desk.join(arguments["what"])
        desk.leave(arguments["project_id"])
        return {}

    async def _preferences(self, command: Command) -> dict[str, Any]:
        engine = self._engine
        if command.name == "preferences_export":
            return {"text": engine.preferences.to_text()}
        if command.name == "preferences_simulate":
            then = engine.preferences.copy()
            then.update(command.arguments["values"])
            return await engine.surroundings.simulate(engine.preferences.copy(), then)
        imported, problems = Preferences.from_text(command.arguments["text"])
        engine.change_preferences(dict(imported.to_dict()))
        return {"values": imported.to_dict(), "problems": problems}

    async def _activity(self, span: str) -> dict[str, Any]:
        if span not in SPANS:
            raise ControlError(f"Activity is shown by {', '.join(SPANS)}.")
        surroundings = self._engine.surroundings
        rows = await asyncio.to_thread(surroundings.activity.rows, span)
        return {"columns": list(COLUMNS), "rows": rows, "energy": surroundings.energy.source.sentence}

    def _pause(self, seconds: float | None) -> None:
        try:
            self._engine.pause(seconds)
        except ValueError as error:
            raise ControlError(f"A pause needs a length above zero: {error}.") from error

    def _budget(self, share: float) -> None:
        if not 0 <= share <= 1:
            raise ControlError("A budget is a share from 0 to 1.")
        now = self._engine.preferences
        full, used = now.number("cpu_percent"), now.number("cpu_percent_in_use")
        percent = round(share * 100)
        # Both levels follow, so that whoever moves the slider, and so uses the computer, sees it act.
        in_use = min(100, round(used * percent / full)) if full > 0 else percent
        self._engine.change_preferences({"cpu_percent": percent, "cpu_percent_in_use": in_use})

    def _work(self) -> "ProjectWork":
        if self._engine.work is None:
            raise ControlError(say("The engine has no project yet; it is still starting."))
        return self._engine.work
