"""Words in the person's language, through Qt. `translate` marks a text for pyside6-lupdate and looks it up.

The program is written in English; `resources/translations` holds the other languages. What core declares in English
(titles and help of preferences, presets, groups) is looked up in the context "Core" by `core_words`; the sources of
that context are written by `tests.support.translations`, from the declarations themselves.
"""

from importlib.resources import files

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

CORE = "Core"
LANGUAGES = {"system": "", "english": "en", "deutsch": "de"}
"""The words of the preference `language`, and the languages that they stand for."""


def translate(context: str, text: str) -> str:
    """The text in the present language. Call it with two literals; put values in afterwards, with `format`."""
    return QCoreApplication.translate(context, text)


def core_words(text: str) -> str:
    """The same for a text that core declares."""
    return QCoreApplication.translate(CORE, text) if text else ""


class Languages:
    """The translation in force, for one application. English needs none."""

    def __init__(self, application: QCoreApplication) -> None:
        self._application = application
        self._present: QTranslator | None = None
        self._data = b""  # Qt reads in it as long as the translator lives

    def choose(self, language: str = "") -> str:
        """Install a language by its two letters; "" takes the system's. Returns the language in force."""
        if self._present is not None:
            self._application.removeTranslator(self._present)
            self._present = None
        wanted = [language] if language else [tag.partition("-")[0] for tag in QLocale.system().uiLanguages()]
        for name in wanted:
            if name == "en":
                break
            if self._install(name):
                return name
        return "en"

    def _install(self, name: str) -> bool:
        source = files("resources").joinpath("translations", f"hivelet_{name}.qm")
        if not name.isalpha() or not source.is_file():
            return False
        self._data = source.read_bytes()
        translator = QTranslator(self._application)
        if not translator.load(self._data):
            return False
        self._present = translator
        return self._application.installTranslator(translator)
