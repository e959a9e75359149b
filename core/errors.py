"""Every error that core raises on purpose. str() is one clear sentence that says what happened and what to do.

HiveletError
├── UsageError          a command or option that cannot be used            (exit code 2)
├── PreferenceError     a preference with an unknown name or a bad value   (exit code 2)
├── ManifestError       a project file that is missing, broken or unsigned (exit code 2)
├── ReleaseError        news of a release that is broken, old, or not its publisher's (exit code 2)
├── HomeError           the home folder cannot be used                     (exit code 1)
│   └── AlreadyRunning  another engine works in this home
├── HardwareError       a device that cannot be used
├── ControlError        the engine did not do what was asked
│   └── NotRunning      no engine answers in this home
├── ExpertError         an expert call that brought no usable answer
│   └── TensorError     a tensor that breaks its schema, or is not finite
└── DataError           training data that cannot be used
"""

from typing import ClassVar


class HiveletError(Exception):
    """Base; command-line tools print str() on stderr and exit with `exit_code`."""

    exit_code: ClassVar[int] = 1


class UsageError(HiveletError):
    """A command or option that cannot be used."""

    exit_code = 2


class PreferenceError(HiveletError):
    """A preference with an unknown name or a bad value."""

    exit_code = 2


class ManifestError(HiveletError):
    """A project file that is missing, broken or not signed by its publisher."""

    exit_code = 2


class ReleaseError(HiveletError):
    """News of a release that is broken, old, or not signed by its publisher."""

    exit_code = 2


class HomeError(HiveletError):
    """The home folder cannot be used."""


class AlreadyRunning(HomeError):  # noqa: N818 - reads as the state that it reports
    """Another engine works in this home."""


class HardwareError(HiveletError):
    """A device that cannot be used."""


class ControlError(HiveletError):
    """The engine did not do what was asked.

    code: a stable word for scripts, as in `core.control.commands`; "" where the engine was not even asked.
    """

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class NotRunning(ControlError):  # noqa: N818
    """No engine answers in this home."""


class ExpertError(HiveletError):
    """An expert call that brought no usable answer."""


class TensorError(ExpertError):
    """A tensor that breaks its schema, or is not finite."""


class DataError(HiveletError):
    """Training data that cannot be used."""
