"""The .run file: installed without root, used, upgraded, removed."""

import shutil
from dataclasses import replace
from pathlib import Path

from installers.common.context import ROOT
from installers.common.downloads import sha256_of
from installers.linux import run
from tests.installers.conftest import Figure
from tests.installers.linux.conftest import Built
from tests.installers.linux.journey import COLD_START_S, Session, cold_start, first_day, goes_on, works_alone
from tests.installers.linux.mounts import small_disk
from tests.installers.linux.traces import look
from tests.installers.linux.volunteer import Volunteer
from tests.support.desktop import virtual_desktop

HERE = (str(ROOT),)
QUIETLY = ("--quiet", "--", "--no-start")


def offered(package: Path, person: Volunteer) -> Path:
    """The downloaded file, where the user may run it; it is not part of what is looked at."""
    place = person.runtime / package.name
    shutil.copyfile(package, place)
    place.chmod(0o755)
    return place


def install(package: Path, person: Volunteer, *words: str) -> str:
    place = offered(package, person)
    try:
        done = person.run("sh", place, *(words or QUIETLY))
    finally:
        place.unlink()
    return f"{done.returncode}: {done.stdout}{done.stderr}"


def program_of(person: Volunteer) -> str:
    return str(person.home / ".local" / "bin" / "hivelet")


def remove(person: Volunteer, how: str) -> None:
    done = person.run(person.home / ".local" / "share" / "hivelet-app" / "uninstall", how)
    assert done.returncode == 0, done.stdout + done.stderr


def test_from_installing_to_removing(
    built: Built, following: Built, person: Volunteer, swarm: str, results: Path, figure: Figure
) -> None:
    figure(f".run: size (xz -{built.context.compression})", f"{built.run.stat().st_size / 1e6:.1f} MB")
    before = look(person, HERE)
    assert install(built.run, person).startswith("0:")
    session = Session(person, program_of(person))
    assert built.context.version in session.hivelet("--version")
    entry = (person.home / ".local" / "share" / "applications" / "hivelet.desktop").read_text()
    assert f'Exec="{person.home}/.local/share/hivelet-app/hivelet" %u' in entry

    used = first_day(session, swarm, results / "run.png", built.context.version)
    facts = session.facts()
    figure(".run: training steps on the first day, peers", f"{used.project.step}, {len(used.peers)}", "at least 1, 1")

    assert install(following.run, person).startswith("0:")
    session.ended()
    assert following.context.version in session.hivelet("--version")
    with virtual_desktop() as desktop:
        session.person.opens(desktop, session.program)
        again = session.wait(lambda now: now.state != "paused" and now.experts, "the upgraded engine at work")
        assert (again.version, again.peer_id) == (following.context.version, used.peer_id)
        assert session.facts()["identity"] == facts["identity"]
        assert again.total.samples >= used.total.samples > 0
        session.hivelet("preferences", "set", "start_at_login", "on")
        remove(person, "--keep-data")
        session.ended()

    left = look(person, HERE).changes_since(before)
    outside = {path: change for path, change in left.items() if not Path(path).is_relative_to(session.home.root)}
    parents = {str(folder) for folder in (*session.home.root.parents, person.home / ".config" / "autostart")}
    parents.add(str(person.home / ".config"))
    outside = {path: change for path, change in outside.items() if path not in parents}
    figure(".run: files left by removing, outside the data folder", len(outside), "0")
    assert outside == {}
    assert session.home.identity.exists()


def test_with_the_data_nothing_is_left(
    built: Built, person: Volunteer, swarm: str, results: Path, figure: Figure
) -> None:
    before = look(person, HERE)
    assert install(built.run, person).startswith("0:")
    session = Session(person, program_of(person))
    first_day(session, swarm, results / "run-data.png", built.context.version)
    remove(person, "--remove-data")
    session.ended()
    left = look(person, HERE).changes_since(before)
    figure(".run: files left by removing with the data", len(left), "0")
    assert left == {}


def test_it_opens_the_window_when_it_is_done(built: Built, person: Volunteer) -> None:
    place = offered(built.run, person)
    with virtual_desktop() as desktop:
        person.opens(desktop, "sh", place)
        desktop.window("Hivelet")


def test_repair_and_upgrade_while_it_works_lose_nothing(
    built: Built, following: Built, person: Volunteer, results: Path, figure: Figure
) -> None:
    """The window opens again by itself, and with it the new engine."""
    session = Session(person, program_of(person))
    app = person.home / ".local" / "share" / "hivelet-app"
    assert install(built.run, person).startswith("0:")
    with virtual_desktop() as desktop:
        window = person.opens(desktop, session.program)
        used = works_alone(session, desktop)
        for version, what in ((built, "repair"), (following, "upgrade")):
            (app / "_internal" / "resources" / "build.json").unlink()
            place = offered(version.run, person)
            setup = person.opens(desktop, "sh", place, "--quiet")
            assert setup.wait(300) == 0, person.output.read_text(errors="replace")[-2000:]
            place.unlink()
            if what == "repair":
                assert window.wait(10) == 0, "the window left in order"
            desktop.window("Hivelet")
            used, lost = goes_on(session, used, version.context.version)
            assert (app / "_internal" / "resources" / "build.json").stat().st_size
            assert not app.with_name("hivelet-app.old").exists()
            figure(f".run: {what} while it works, experts lost or set back", len(lost), f"0 of {len(used.experts)}")
            assert lost == []
        desktop.picture(results / "run-upgraded.png")


def test_the_first_start_is_quick(built: Built, person: Volunteer, figure: Figure) -> None:
    assert install(built.run, person).startswith("0:")
    with virtual_desktop() as desktop:
        took = cold_start(person, desktop, program_of(person))
    figure(".run: first start, from no cache to the window", f"{took:.2f} s", f"at most {COLD_START_S:g} s")
    assert took <= COLD_START_S


def test_a_full_disk_leaves_the_old_version_working(
    built: Built, following: Built, person: Volunteer, figure: Figure
) -> None:
    share = person.home / ".local" / "share"
    person.run("mkdir", "-p", share)
    session = Session(person, program_of(person))
    for megabytes, files, word in ((1100, 0, "are free. Nothing was changed"), (3000, 4500, "is the disk full")):
        with small_disk(share, megabytes, files, person):
            assert install(built.run, person).startswith("0:")
            said = install(following.run, person)
            assert said.startswith("1:")
            assert word in said
            assert built.context.version in session.hivelet("--version")
            assert '"event": "finished"' in session.hivelet(
                "demo", "--headless", "--peers", "2", "--steps", "5", "--json"
            )
            assert not (share / "hivelet-app.new").exists()
    figure(".run: upgrade on a full disk, then the old version", "trains", "works")


def test_an_altered_file_does_not_install(built: Built, person: Volunteer, tmp_path: Path, figure: Figure) -> None:
    data = bytearray(built.run.read_bytes())
    data[len(data) // 2] ^= 1
    altered, cut = tmp_path / "altered.run", tmp_path / "cut.run"
    altered.write_bytes(data)
    cut.write_bytes(data[: len(data) // 2])
    for path in (altered, cut):
        assert not install(path, person).startswith("0:")
        assert not (person.home / ".local").exists()
    figure(".run: altered by one bit, or cut in half", "refused", "refused")


def test_two_builds_of_one_program_are_the_same(following: Built, figure: Figure, tmp_path: Path) -> None:
    again = run.build(replace(following.context, output=tmp_path))[0]
    same = sha256_of(again) == sha256_of(following.run)
    figure(".run: built twice from one frozen program", "identical" if same else "different", "identical")
    assert same
