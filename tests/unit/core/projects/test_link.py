"""Join links survive the way through mails and are read strictly."""

import pytest

from core.errors import ManifestError
from core.projects.link import MAX_BOOTSTRAP, JoinLink, check_bootstrap, is_link

ID = bytes(range(32))
PINNED = "tcp://[::1]:7000#" + "ab" * 32


def test_round_trip():
    link = JoinLink(ID, "my-project", ("tcp://10.0.0.1:7000", PINNED))
    assert str(link).startswith(f"hivelet://join?project={ID.hex()}&name=my-project&bootstrap=tcp://10.0.0.1:7000")
    assert "#" not in str(link)
    assert JoinLink.parse(f" {link}\n") == link
    assert is_link(str(link))
    assert not is_link("project.toml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://join?project=" + ID.hex(),
        f"hivelet://leave?project={ID.hex()}&name=x",
        "hivelet://join",
        f"hivelet://join?project={ID.hex()}",
        f"hivelet://join?project={ID.hex()}&name=x&name=y",
        f"hivelet://join?project={ID.hex()[1:]}&name=x",
        f"hivelet://join?project={ID.hex().upper()}&name=X",
        f"hivelet://join?project={ID.hex()}&name=../x",
        f"hivelet://join?project={ID.hex()}&name=x&run=rm",
        f"hivelet://join?project={ID.hex()}&name=x&bootstrap=ipc:///tmp/x",
        f"hivelet://join?project={ID.hex()}&name=x" + "&bootstrap=tcp://10.0.0.1:1" * (MAX_BOOTSTRAP + 1),
        f"hivelet://join?project={ID.hex()}&name=x#" + "y" * 3000,
        "hivelet://[join?project=1",
    ],
)
def test_what_is_no_link_is_refused(text):
    with pytest.raises(ManifestError):
        JoinLink.parse(text)


@pytest.mark.parametrize("address", ["tcp://h:0", "tcp://h:1#", "tcp://h:1#abc", "h:1", "tcp://h:99999", ""])
def test_bad_bootstrap_addresses(address):
    with pytest.raises(ManifestError, match="address"):
        check_bootstrap(address)
