"""News of a release from the publisher's command line to another engine, whose project asks for that very version."""

import tomllib
from pathlib import Path

import pytest

from core.paths import Home
from core.projects.manifest import builtin
from core.projects.signing import sign_content
from core.release.publisher import VARIABLE
from net.identity import Identity
from tests.support.processes import Engine, ask, hivelet

PAGE = "https://hivelet.example/news"


def project_that_needs(version: str, path: Path) -> Path:
    """A signed project file."""
    content = {**tomllib.loads(builtin("text").toml.decode()), "name": "newer", "min_version": version}
    path.write_bytes(sign_content(content, Identity(bytes(32))))
    return path


@pytest.mark.timeout(90)
def test_news_of_a_release_reaches_an_engine_whose_project_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, news = tmp_path / "publisher.key", tmp_path / "news.record"
    made = hivelet("release", "new-key", str(key))
    monkeypatch.setenv(VARIABLE, made.stdout.split()[0])
    what = ("--key", str(key), "--version", "99.0.0", "--page", PAGE, "--notes", "Less memory.")
    assert hivelet("release", "sign", str(news), *what).returncode == 0
    project = project_that_needs("98.0.0", tmp_path / "newer.toml")
    with Engine(tmp_path / "a", preferences={"max_experts": 1, "train": False}) as first:
        address = first.ready().address
        options = ("--bootstrap", address, "--project", str(project))
        with Engine(tmp_path / "b", *options) as second:
            waiting = second.wait("being held", lambda now: now.state == "guarded", 20.0)
            assert waiting.project is None
            assert waiting.experts == ()
            assert [reason.code for reason in waiting.reasons if reason.holds] == ["update_required"]
            assert waiting.update is not None
            assert (waiting.update.version, waiting.update.page) == ("98.0.0", "")
            assert ask("release", "publish", str(news), home=first.home.root) == {"version": "99.0.0"}
            # The reason follows within a tick of the engine's clock.
            heard = second.wait("the news", lambda now: now.reasons and len(now.reasons[0].actions) == 2, 20.0)
            assert heard.update is not None
            assert (heard.update.version, heard.update.page, heard.update.required) == ("99.0.0", PAGE, True)
            assert [action.command for action in heard.reasons[0].actions] == ["open_update", "open_projects"]
            optional = first.snapshot()
            assert optional.update is not None
            assert not optional.update.required
            assert optional.state != "guarded"
            # Whoever heard it passes it on.
            first.close()
            with Engine(tmp_path / "c", "--bootstrap", second.snapshot().address, *options[2:]) as third:
                third.wait("the news from the second", lambda now: now.update and now.update.page, 20.0)
    for home in (tmp_path / "b", tmp_path / "c"):
        assert ask("release", "show", home=home)["version"] == "99.0.0"
        assert Home(home).release.is_file()
