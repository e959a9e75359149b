"""A rich, plausible engine state for tests of the window and for its pictures."""

import math
import random
from dataclasses import replace
from typing import Any

from core.control.snapshot import (
    Action,
    BanView,
    ContributionView,
    DeviceView,
    EngineSnapshot,
    ExpertView,
    HardwareView,
    HostingView,
    PeerView,
    ProjectView,
    Reason,
    State,
    UpdateView,
    UsageView,
)
from net.words import say

NOW = 1_800_000_000.0


def snapshot(state: State = "working", now: float = NOW, experts: int = 14, peers: int = 9) -> EngineSnapshot:
    """An engine that has worked for some hours."""
    return EngineSnapshot(
        version="0.1.0",
        pid=4242,
        peer_id="7f3a9c" * 10 + "beef",
        home="/home/volunteer/.local/share/hivelet",
        started=now - 4 * 3600,
        now=now,
        state=state,
        reasons=REASONS[state],
        headline="",
        budget=0.5,
        budget_now=0.5 if state in ("working", "connecting") else 0.0,
        address="tcp://192.168.1.23:41235",
        reachability=say("Other computers reach this one through helpers, which is slower."),
        reachability_state="relayed",
        reachability_help=say(
            "Switch on UPnP or NAT-PMP in your router's settings, or forward the TCP ports {ports} on your router to "
            "this computer.",
            ports="4800–4802",
        ),
        hardware=HardwareView(
            "AMD Ryzen 7 7840U", 16, 32_000_000_000, 18_400_000_000,
            (DeviceView("cpu", "AMD Ryzen 7 7840U", 32_000_000_000, 18_400_000_000, 212.0),),
        ),
        usage=UsageView(0.47, 1_240_000_000, 812_000_000, 1_930_000_000, 64_000_000),
        project=ProjectView(
            project_id="a1b2c3d4" * 8,
            name="text",
            title="Reference text",
            task="text",
            metric="bits_per_byte",
            step=10_480,
            loss=1.602,
            metric_value=2.31,
            baseline=4.71,
            samples_per_s=61.5,
            trainers=4,
            experts_total=64,
            experts_alive=61,
            rpc_calls=48_210,
            rpc_failures=96,
            passed_through=3,
        ),
        experts=tuple(_expert(i, state) for i in range(experts)),
        experts_allowed=24,
        peers=tuple(_peer(i, now) for i in range(peers)),
        today=ContributionView(48_210, 3.42, 4.1, 0.21),
        week=ContributionView(301_845, 21.7, 26.4, 1.38),
        total=ContributionView(2_840_113, 188.0, 241.3, 12.4),
        samples_per_s=128.4,
        hosting=HostingView(strikes=31, checked=1204, wrong=1, chosen=1340, bans=(
            BanView("0badc0de" * 8, now + 1500, 24, "sent a tensor of the wrong shape"),
        )),
        traffic_month=14_200_000_000,
        energy_note=say("Estimated: computing time, at {watts} W for all cores at full load.", watts=65),
        about={"Hivelet": "0.1.0", "build": "linux-deb, commit 0123456789ab, 2026-11-29", "Python": "3.11.2",
               "PyTorch": "2.13.0", "Qt": "6.11.0", "system": "Linux 6.1.0 x86_64"},
    )  # fmt: skip


_ALWAYS = Action("preferences_set", {"values": {"mode": "always"}}, say("Work anyway"))

REASONS: dict[State, tuple[Reason, ...]] = {
    "starting": (),
    "connecting": (Reason("no_peers", "no other peer has answered yet"),),
    "working": (
        Reason("in_use_level", say("{share:percent} while you use the computer", share=0.5),
               fix="preference:cpu_percent_in_use", holds=False,
               actions=(Action("open_preference", {"name": "cpu_percent_in_use"}, say("Change…")), _ALWAYS)),
    ),
    "paused": (Reason("paused_by_user", say("you paused it until {time:clock}", time=(NOW + 1800, NOW)),
                      until=NOW + 1800, fix="resume"),),
    "guarded": (
        Reason("on_battery", say("the computer runs on battery ({level:percent})", level=0.34),
               fix="preference:run_on_battery", actions=(
            Action("preferences_set", {"values": {"run_on_battery": True}}, say("Work on battery too")),
            Action("open_preference", {"name": "run_on_battery"}, say("Change…")),
        )),
        Reason("low_memory", say(
            "only {free:gigabytes} of memory are free, and {limit:gigabytes} must stay free for other programs",
            free=3e8, limit=5e8), fix="min_free_memory_gb"),
    ),
    "finishing": (),
    "error": (Reason("disk_full", "the disk is full"),),
    "stopping": (),
}  # fmt: skip


def _expert(i: int, state: State) -> ExpertView:
    shown = "paused" if state in ("paused", "guarded") else "idle" if i > 11 else "serving"
    return ExpertView(
        uid=f"ffn{i % 2}.{(i * 3) % 8}.{(i * 5) % 16}",
        state=shown,
        samples_per_s=0.0 if shown != "serving" else max(0.0, 18 - i * 0.9),
        served=60_000 - i * 1000,
        served_today=4200 - i * 211,
        step=10_480 - i * 37,
        latency_ms=3.1 + i * 0.2,
        device="cuda:0" if i % 3 else "cpu",
        memory_bytes=3_200_000 + i * 1000,
    )


def _peer(i: int, now: float) -> PeerView:
    return PeerView(
        peer_id=f"{(i * 7919 + 13) % 65536:04x}" * 16,
        address=f"tcp://192.168.1.{40 + i}:{41000 + i}",
        direction="in" if i % 3 == 0 else "out",
        latency_ms=1.2 + i * 3.7,
        experts=5 + i % 4,
        last_seen=now - (2 if i < 8 else 190),
        sent_bytes=91_000_000 - i * 3_000_000,
        received_bytes=210_000_000 - i * 7_000_000,
    )


def history(now: float = NOW, seconds: int = 3600, step: float = 1.0) -> list[list[object]]:
    """Points as the `history` command gives them: an hour with a pause in it, while the loss falls."""
    noise = random.Random(7)
    points: list[list[object]] = []
    for i in range(int(seconds / step)):
        t = now - seconds + (i + 1) * step
        x = (i + 1) * step / 3600
        paused = 0.42 < x < 0.52
        rate = 0.0 if paused else 160 * max(0.05, 0.5 + 0.25 * math.sin(x * 9) + 0.12 * math.sin(x * 31))
        rate += 0.0 if paused else noise.uniform(-12, 12)
        loss = 1.1 + 3.4 * math.exp(-2.6 * x) + noise.uniform(-0.03, 0.03)
        state = "paused" if paused else "working"
        points.append([t, max(0.0, rate), loss, loss / math.log(2), 0.0 if paused else 0.5, state])
    return points


def log_lines(now: float = NOW) -> list[list[object]]:
    """Lines as the `log` command gives them."""
    texts = [
        ("INFO", "hivelet.engine", "Version 0.1.0 works in /home/volunteer/.local/share/hivelet."),
        ("INFO", "hivelet.host", "16 cores, 32.0 GB; measured 212 GFLOP/s."),
        ("INFO", "hivelet.project", "Joined Reference text: 64 experts in 2 layers."),
        ("INFO", "hivelet.experts", "Claimed 14 experts that nobody hosted."),
        ("INFO", "hivelet.dht", "Found 9 peers through tcp://192.168.1.40:41000."),
        ("WARNING", "hivelet.rpc", "Peer 9c01a7f3 did not answer within 1.2 s; its experts are skipped for 10 s."),
        ("INFO", "hivelet.training", "Step 10,000: loss 1.64, 61.2 samples/s."),
        ("ERROR", "hivelet.rpc", "Peer 0badc0de sent a tensor of the wrong shape; the answer was dropped."),
        ("DEBUG", "hivelet.dht", "Announced 14 experts; the next time is in 20 s."),
        ("INFO", "hivelet.durability", "Saved 14 experts (44.8 MB) in 0.3 s."),
    ]
    return [[i + 1, now - 3000 + i * 97, *texts[i % len(texts)]] for i in range(40)]


def activity_answer(span: str = "day", now: float = NOW) -> dict[str, Any]:
    """What `activity` answers: a span with a night on battery and a model that improves."""
    length, bucket = {"day": (86400, 300), "week": (7 * 86400, 3600), "month": (31 * 86400, 21600),
                      "all": (90 * 86400, 86400)}[span]  # fmt: skip
    rows: list[list[object]] = []
    count = length // bucket
    for i in range(count):
        t = int((now - length) // bucket * bucket) + (i + 1) * bucket
        x = i / count
        away = 0.3 < x < 0.42
        worked = 0.0 if away else bucket * (0.6 + 0.3 * math.sin(x * 40))
        metric = 2.3 + 0.8 * math.exp(-2.2 * x) if i % 4 == 0 else None
        held = {"on_battery": float(bucket)} if away else {"in_use": bucket - worked}
        rows.append([t, float(bucket), worked, 0.4, 0.37, int(worked * 60), worked * 9e9, worked * 38.0,
                     int(worked * 21_000), int(worked * 44_000), 1.6, metric, held])  # fmt: skip
    return {"columns": list(ACTIVITY_COLUMNS), "rows": rows, "energy": "Estimated."}


ACTIVITY_COLUMNS = (
    "t", "seconds", "worked", "budget", "cpu", "samples", "flops", "joules", "sent", "received", "loss", "metric",
    "reasons",
)  # fmt: skip


def trust_answer(peers: int = 9, now: float = NOW) -> dict[str, Any]:
    """What `trust` answers."""
    kinds = ("activations for experts", "gradients for experts", "answers of experts", "trunk")
    rows = [
        {"month": "2027-01", "project": "a1b2c3d4" * 8, "peer": f"{(i * 7919 + 13) % 65536:04x}" * 16,
         "kind": kinds[k], "messages": 900 - i * 40, "tensors": 1800 - i * 80, "bytes": (91 - i * 7) * 10**6 // (k + 1),
         "last": now - 30 * i}
        for i in range(peers) for k in range(4)
    ]  # fmt: skip
    return {"rows": rows, "projects": {"a1b2c3d4" * 8: "Reference text"}}


def project(name: str = "digits", title: str = "Handwritten digits", **changes: Any) -> dict[str, Any]:
    """A PROJECT as the `projects` commands answer it."""
    made: dict[str, Any] = {
        "project_id": "d1617500" * 8, "name": name, "title": title, "task": "digits", "metric": "accuracy",
        "description": "Learns to read handwritten digits from 1,797 scans of the UCI collection.",
        "licence": "CC0-1.0", "publisher": "University of Example", "publisher_key": "ab12" * 16, "signed": True,
        "experts": 64, "expert_parameters": 1_048_576, "bootstrap": ["tcp://198.51.100.7:4800"], "joined": False,
        "current": False, "built_in": False, "layers": [{"expert_memory_bytes": 196_608}],
    }  # fmt: skip
    return made | changes


def projects() -> list[dict[str, Any]]:
    """The one at work, a joined one, and one that ships with Hivelet."""
    return [
        project("text", "Reference text", current=True, built_in=True, signed=False, publisher="The Hivelet project",
                project_id="a1b2c3d4" * 8),
        project("proteins", "Protein sketches", joined=True, project_id="9f" * 32),
        project("digits", built_in=True, signed=False, publisher="The Hivelet project"),
    ]  # fmt: skip


def written_answer() -> dict[str, Any]:
    """What `generate_read` answers at the end of a text."""
    text = "e, and all the world a stage;\nAnd I shall speak no more of this to thee,\nmy lord, till morning."
    pieces = [
        [letter, [[f"ffn0.{ord(letter) % 7}.{i // 9 % 5}", ""], [f"ffn1.{ord(letter) % 5}.{i % 3}", "3deb" * 16]]]
        for i, letter in enumerate(text)
    ]
    return {"pieces": pieces, "done": True, "problem": ""}


UPDATE = UpdateView(
    "0.2.0", "2026-11-29", "https://hivelet.example/news/0.2.0/a-page-with-quite-a-long-address-that-needs-room",
    "Snapshots on three peers, so that no expert is lost.\nLess memory while paused.", required=True,
)  # fmt: skip

PREFERENCES: dict[str, bool | int | float | str] = {
    "cpu_percent": 50, "threads": 0, "memory_gb": 2.0, "use_gpu": True, "gpu_memory_percent": 50, "max_experts": 0,
    "train": True, "run_on_battery": False, "min_free_memory_gb": 0.5, "min_free_disk_gb": 1.0,
    "start_hidden": False, "theme": "system",
}  # fmt: skip


def hostile(base: EngineSnapshot) -> EngineSnapshot:
    """The same engine in a swarm that sends markup, direction marks and endless words."""
    assert base.project is not None
    nasty = "<b>bold</b><img src=x>\u202egnihtyna\u0000 " + "W" * 500
    return replace(
        base,
        project=replace(base.project, title=nasty, task=nasty),
        peers=tuple(replace(peer, address=nasty) for peer in base.peers),
        reasons=(Reason("x", nasty),),
        reachability=nasty,
        reachability_help=nasty,
        update=UpdateView("9.9.9" + nasty, nasty, "https://hivelet.example/", nasty, required=True),
        about={nasty: nasty},
    )
