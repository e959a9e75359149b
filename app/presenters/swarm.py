"""The pages of experts and of peers, both from the snapshot alone."""

from PySide6.QtCore import QObject

from app.models.experts import experts_model
from app.models.peers import peers_model
from app.presenters.scene import Scene
from app.viewmodels import experts, network
from app.viewmodels.swarm import swarm
from app.views.experts import ExpertsPage
from app.views.network import NetworkPage


class ExpertsPresenter:
    """page: None until it was seen; model: the table's rows."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        self.page: ExpertsPage | None = None
        self.model = experts_model(parent)
        self._scene = scene

    def show(self) -> None:
        """Bring the page up to date."""
        snapshot, scene = self._scene.snapshot, self._scene
        if self.page is not None:
            self.model.set_rows(snapshot.experts if snapshot is not None else ())
            empty = experts.empty(snapshot, scene.engine, scene.now())
            self.page.show_state(experts.summary(snapshot) if empty is None else "", empty)


class NetworkPresenter:
    """page: None until it was seen; model: the table's rows."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        self.page: NetworkPage | None = None
        self.model = peers_model(parent, scene.now)
        self._scene = scene

    def show(self) -> None:
        """Bring the page up to date."""
        snapshot, scene = self._scene.snapshot, self._scene
        if self.page is not None:
            peers = snapshot.peers if snapshot is not None else ()
            self.model.set_rows(peers)
            empty = network.empty(snapshot, scene.engine, scene.now())
            self.page.show_state(network.network(snapshot), swarm(peers, scene.now()), empty)
