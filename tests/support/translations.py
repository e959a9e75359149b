"""Bring the translations up to date: `python -m tests.support.translations`.

Collects the texts of the window with pyside6-lupdate, adds those that core declares, and compiles every language.
Texts that are not translated yet are counted; `tests/unit/app/test_translation.py` wants none.
"""

import ast
import subprocess
import sys
import sysconfig
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from app.translation import CORE
from core.host.sensing import senses
from core.preferences import GROUPS, PREFERENCES, PRESETS

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("de",)


def said_texts() -> list[str]:
    """The templates of all sentences that core and net make with `net.words.say`: its calls' first arguments."""
    found: list[str] = []
    for path in sorted([*(ROOT / "core").rglob("*.py"), *(ROOT / "net").rglob("*.py")]):
        text = path.read_text(encoding="utf-8")
        for call in ast.walk(ast.parse(text)) if "from net.words import" in text else ():
            if isinstance(call, ast.Call):
                name, arguments = getattr(call.func, "id", ""), call.args
                if name == "partial" and arguments and getattr(arguments[0], "id", "") == "say":
                    name, arguments = "say", arguments[1:]
                if name == "say":
                    template = arguments[0] if arguments else None
                    if not (isinstance(template, ast.Constant) and isinstance(template.value, str)):
                        raise ValueError(f"{path}:{call.lineno}: the template of `say` must be a literal.")
                    found.append(template.value)
    return found


def core_texts() -> tuple[str, ...]:
    """Every text that core declares or makes, and the window shows."""
    found = [
        *said_texts(),
        *GROUPS,
        *GROUPS.values(),
        *(name.capitalize() for name in PRESETS),
        *senses._TITLES.values(),
    ]
    for preference in PREFERENCES:
        found += [preference.title, preference.help, preference.zero]
        found += [choice.capitalize() for choice in preference.choices]
    return tuple(dict.fromkeys(filter(None, found)))


def update(language: str) -> Path:
    """Bring one language's .ts file up to date with the sources; obsolete texts go."""
    target = FOLDER / f"hivelet_{language}.ts"
    with tempfile.TemporaryDirectory() as folder:
        declared = Path(folder, "core.py")
        declared.write_text("".join(f"translate({CORE!r}, {text!r})\n" for text in core_texts()), encoding="utf-8")
        sources = [str(path) for path in sorted((ROOT / "app").rglob("*.py"))]
        _run("pyside6-lupdate", "-no-obsolete", "-locations", "none", "-source-language", "en", "-target-language",
             language, *sources, str(declared), "-ts", str(target))  # fmt: skip
    return target


def compiled(source: Path) -> Path:
    """The .qm file of a .ts file."""
    target = source.with_suffix(".qm")
    _run("pyside6-lrelease", str(source), "-qm", str(target))
    return target


def messages(source: Path) -> Iterator[tuple[str, str, str]]:
    """(context, text, translation) of a .ts file; an unfinished translation is empty."""
    for context in ET.parse(source).getroot().iter("context"):  # noqa: S314 - our own file
        for message in context.iter("message"):
            translation = message.find("translation")
            finished = translation is not None and translation.get("type") is None
            words = (translation.text or "") if finished and translation is not None else ""
            yield context.findtext("name", ""), message.findtext("source", ""), words


def _run(tool: str, *arguments: str) -> None:
    program = Path(sysconfig.get_path("scripts"), tool)
    subprocess.run([str(program), *arguments], cwd=ROOT, check=True, capture_output=True, timeout=120)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for language in LANGUAGES:
        source = update(language)
        compiled(source)
        missing = [text for _, text, words in messages(source) if not words]
        sys.stdout.write(f"{language}: {len(list(messages(source)))} texts, {len(missing)} not translated\n")


if __name__ == "__main__":
    main()
