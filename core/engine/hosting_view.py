"""How hosting keeps its house, for the snapshot: what is kept between calls, who broke rules, what was checked."""

from core.control.snapshot import BanView, HostingView
from core.experts.service import ExpertHost
from core.experts.spot_check import SpotChecks
from net.clock import Clock


def hosting_view(host: ExpertHost, checks: SpotChecks, clock: Clock) -> HostingView:
    """The figures of one host, and of the spot checks that the same engine makes of others."""
    tickets, checked = host.tickets(), checks.stats()
    away = clock.time() - clock.monotonic()
    bans = (BanView(ban.peer.hex(), ban.until + away, ban.strikes, ban.reason) for ban in host.door.bans())
    return HostingView(
        tickets=tickets.open,
        ticket_bytes=tickets.nbytes,
        redeemed=tickets.redeemed,
        lost=tickets.lost,
        strikes=host.door.total_strikes,
        bans=tuple(bans),
        chosen=checked.chosen,
        checked=checked.right + checked.wrong,
        wrong=checked.wrong,
    )
