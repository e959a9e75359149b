"""Why a build stopped."""


class BuildError(Exception):
    """One sentence that says what is wrong and, where that is known, what to do."""
