"""The version, from the one place where it stands: the package's metadata."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("hivelet")
except PackageNotFoundError:  # a checkout that was never installed
    VERSION = "0+unknown"
