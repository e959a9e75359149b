"""What of the macOS program can be looked at without a Mac: Info.plist, icon, places, and the commands that sign."""

import plistlib
import runpy
import struct
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from installers.common import freezing
from installers.common.context import ROOT, BuildContext, project_version
from installers.common.errors import BuildError
from installers.common.freezing import versions_missing_in
from installers.macos import SETTINGS, build, image_command, image_name
from installers.macos.bundle import APP, add_metadata, entitlements, info_plist
from installers.macos.icons import TYPES, icns, write_icns
from installers.macos.signing import IDENTITY, PROFILE, Signing, code_in
from net.nat.lan import SERVICE

DEVELOPER = "Developer ID Application: Hivelet (ABCDE12345)"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """As PyInstaller lays it out, with the first bytes of a program where one would be."""
    code, inside = bytes.fromhex("cffaedfe") + b"code", tmp_path / APP / "Contents"
    files = {
        "MacOS/hivelet": code,
        "Frameworks/libtorch_cpu.dylib": code,
        "Frameworks/PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore": code,
        "Frameworks/torch/bin/torch_shm_manager": bytes.fromhex("cafebabe"),
        "Resources/resources/release_key.txt": b"# text",
        "Info.plist": b"",
    }
    for name, content in files.items():
        path = inside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (inside / "Resources" / "libtorch_cpu.dylib").symlink_to(Path("..", "Frameworks", "libtorch_cpu.dylib"))
    return tmp_path / APP


def test_info_plist_says_what_the_program_is() -> None:
    said = plistlib.loads(plistlib.dumps(info_plist("1.2.3")))
    assert said["CFBundleShortVersionString"] == "1.2.3"
    assert said["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["hivelet"]
    assert said["LSUIElement"] is False
    assert said["LSBackgroundOnly"] is False  # else no window would come to the front
    assert said["NSHighResolutionCapable"] is True
    assert [f"{name}.local." for name in said["NSBonjourServices"]] == [SERVICE]


def test_only_one_entitlement_is_asked_for() -> None:
    assert entitlements() == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_the_icon_is_a_whole_icns_file_with_every_size(tmp_path: Path) -> None:
    pytest.importorskip("PySide6.QtSvg")
    data = write_icns(ROOT / "resources" / "icons" / "hivelet.svg", tmp_path / "build" / "hivelet.icns").read_bytes()
    assert struct.unpack_from(">4sI", data) == (b"icns", len(data))
    place, found = 8, {}
    while place < len(data):
        kind, size = struct.unpack_from(">4sI", data, place)
        image = data[place + 8 : place + size]
        assert image.startswith(b"\x89PNG\r\n\x1a\n")
        assert image[12:16] == b"IHDR"
        found[kind.decode()] = struct.unpack_from(">II", image, 16)
        place += size
    assert place == len(data)
    assert found == {kind: (edge, edge) for kind, edge in TYPES.items()}


def test_an_icon_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="PNG"):
        icns(dict.fromkeys(TYPES.values(), b"GIF89a"))
    broken = tmp_path / "broken.svg"
    broken.write_text("no drawing")
    with pytest.raises(BuildError, match="no drawing"):
        write_icns(broken, tmp_path / "x.icns")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_versions_are_where_python_looks_for_them(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [
        {"name": "torch", "version": "2.13.0", "purl": "pkg:pypi/torch@2.13.0"},
        {"name": "pyside6-essentials", "version": "6.11.3", "purl": "pkg:pypi/pyside6-essentials@6.11.3"},
        {"name": "cpython", "version": "3.13.1"},
    ]
    monkeypatch.setattr(freezing, "bundled_distributions", lambda: parts)
    inside = app / "Contents"
    for name, version in versions_missing_in(inside / "Resources", "1.2.3"):
        folder = add_metadata(app, name, version)
        assert not (inside / "Frameworks" / folder.name).readlink().is_absolute()
    found = {each.metadata["Name"]: each.version for each in distributions(path=[str(inside / "Frameworks")])}
    assert found == {"hivelet": "1.2.3", "torch": "2.13.0", "pyside6-essentials": "6.11.3"}
    assert versions_missing_in(inside / "Resources", "1.2.3") == [("hivelet", "1.2.3")]


def test_code_is_signed_from_the_inside_out(app: Path, tmp_path: Path) -> None:
    inner = [str(path.relative_to(app)) for path in code_in(app)]
    assert inner == [
        "Contents/Frameworks/PySide6/Qt/lib/QtCore.framework",
        "Contents/Frameworks/torch/bin/torch_shm_manager",
        "Contents/Frameworks/libtorch_cpu.dylib",
    ]
    signing = Signing.from_environment({IDENTITY: DEVELOPER, PROFILE: "hivelet"}, tmp_path)
    commands = signing.sign_app(app)
    assert [command[-1] for command in commands] == [*(str(path) for path in code_in(app)), str(app), str(app)]
    for command in commands[:-1]:
        assert command[:4] == ["codesign", "--force", "--sign", DEVELOPER]
        assert command[command.index("--entitlements") + 1] == str(signing.entitlements)
        assert {"runtime", "--timestamp"} <= set(command)
    assert commands[-1][:2] == ["codesign", "--verify"]
    assert plistlib.loads(signing.entitlements.read_bytes()) == entitlements()


def test_a_signed_image_is_notarised_and_stapled(tmp_path: Path) -> None:
    image = tmp_path / "hivelet.dmg"
    signing = Signing.from_environment({IDENTITY: DEVELOPER, PROFILE: "hivelet"}, tmp_path)
    assert "notarised" in signing.said
    programs = [command[:3] for command in signing.finish_image(image)]
    assert programs[1:3] == [["xcrun", "notarytool", "submit"], ["xcrun", "stapler", "staple"]]
    assert programs[0][0] == "codesign"
    assert programs[3][0] == "spctl"


def test_without_secrets_it_is_said(app: Path, tmp_path: Path) -> None:
    none = Signing.from_environment({PROFILE: "hivelet"}, tmp_path)
    assert none.said.startswith("NOT signed")
    assert none.finish_image(tmp_path / "x.dmg") == []
    assert all("--entitlements" not in command for command in none.sign_app(app))
    half = Signing.from_environment({IDENTITY: DEVELOPER}, tmp_path)
    assert "NOT notarised" in half.said
    assert len(half.finish_image(tmp_path / "x.dmg")) == 1


def test_the_disk_image_holds_the_program_and_a_link_to_applications(tmp_path: Path) -> None:
    settings = runpy.run_path(str(SETTINGS), {"defines": {"app": f"/build/{APP}"}})
    assert settings["files"] == [f"/build/{APP}"]
    assert settings["symlinks"] == {"Applications": "/Applications"}
    assert set(settings["icon_locations"]) == {APP, "Applications"}
    command = image_command(tmp_path / APP, tmp_path / image_name("1.2.3", "arm64"))
    assert command[-1].endswith("hivelet-1.2.3-macos-arm64.dmg")
    assert f"app={tmp_path / APP}" in command


@pytest.mark.skipif(sys.platform == "darwin", reason="there it is built")
def test_elsewhere_the_build_says_why_not(tmp_path: Path) -> None:
    context = BuildContext(ROOT, tmp_path, tmp_path, project_version(ROOT), "", 1_700_000_000)
    with pytest.raises(BuildError, match="on a Mac"):
        build(context)
