"""Whether a newer Hivelet is there, and whether the project cannot do without it. It is told, never fetched."""

import logging
import random
from collections.abc import Callable
from dataclasses import replace

from core.control.snapshot import Action, Reason, UpdateView
from core.engine.state import UPDATE_REQUIRED
from core.errors import ReleaseError
from core.host.policy import Decision
from core.paths import Home
from core.projects.manifest import Manifest
from core.release.record import SIGNATURE_BYTES, ReleaseCheck
from core.release.version import is_newer
from core.release.watch import ReleaseWatch, WatchConfig
from core.version import VERSION
from net.clock import Clock
from net.dht.base import Dht
from net.dht.validation import Validator
from net.words import say

log = logging.getLogger("hivelet.release")

_MOST_HEX = 2 * (SIGNATURE_BYTES + 2000)


class Updates:
    """Belongs to the engine's loop. publisher: the key whose word counts, b"" for nobody's; wanted: whether the
    volunteer wants to hear of releases; own: this program's version."""

    def __init__(
        self, home: Home, manifest: Manifest, publisher: bytes, wanted: Callable[[], bool], own: str = VERSION
    ) -> None:
        self._home = home
        self._manifest = manifest
        self._publisher = publisher
        self._wanted = wanted
        self._own = own
        self._check = ReleaseCheck(publisher) if publisher else None
        self._watch: ReleaseWatch | None = None

    @property
    def checks(self) -> tuple[Validator, ...]:
        """For the DHT: what is kept and believed under the publisher's key."""
        return (self._check,) if self._check is not None else ()

    async def run(self, dht: Dht, own_key: bytes, clock: Clock, alone: Callable[[], bool], *, quick: bool) -> None:
        """Hear of releases, and pass them on, until cancelled."""
        if self._check is None:
            return
        self._watch = ReleaseWatch(
            dht,
            self._publisher,
            own_key,
            clock,
            self._home.release,
            check=self._check,
            wanted=self._wanted,
            alone=alone,
            rng=random.Random(),
            config=WatchConfig.quick() if quick else None,
        )
        try:
            await self._watch.run()
        except Exception:
            log.exception("News of releases are not looked up any more")  # work goes on without them

    def wake(self) -> None:
        """The volunteer may want to hear of releases now."""
        if self._watch is not None:
            self._watch.wake()

    def publish(self, record: str) -> str:
        """Pass on a signed record, given in hexadecimal digits; returns its version. Raises ReleaseError."""
        if self._watch is None:
            raise ReleaseError("This Hivelet names no publisher of releases (resources/release_key.txt).")
        try:
            value = bytes.fromhex(record) if len(record) <= _MOST_HEX else b""
        except ValueError as error:
            raise ReleaseError("A release record is a line of hexadecimal digits.") from error
        release = self._watch.offer(value)
        self._watch.wake()
        return release.version

    @property
    def required(self) -> bool:
        """Whether the project asks for a newer Hivelet than this."""
        return is_newer(self._manifest.min_version, self._own)

    def view(self) -> UpdateView | None:
        """What is told of it."""
        newest = self._watch.newest if self._watch is not None else None
        # Of a version that is newer, but not new enough for the project, nobody has any use.
        needed = self._manifest.min_version if self.required else self._own
        told = self._wanted() or self.required
        if told and newest and is_newer(newest.version, self._own) and not is_newer(needed, newest.version):
            return UpdateView(newest.version, newest.date, newest.page, newest.notes, self.required)
        return UpdateView(self._manifest.min_version, required=True) if self.required else None

    def over(self, decision: Decision) -> Decision:
        """The decision, and no work where the project cannot do without a newer Hivelet."""
        view = self.view()
        if view is None or not view.required:
            return decision
        text = say(
            "{project} needs Hivelet {needed} or newer; this is {own}",
            project=self._manifest.title,
            needed=self._manifest.min_version,
            own=self._own,
        )
        page = [Action("open_update", {}, say("See the new version"))] if view.page else []
        actions = (*page, Action("open_projects", {}, say("Choose another project")))
        reason = Reason(UPDATE_REQUIRED, text, actions=actions)
        return replace(decision, hold=decision.hold or "guarded", reasons=(*decision.reasons, reason))
