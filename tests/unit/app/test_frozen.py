"""What an installer's program hands on to what it starts."""

from app.frozen import clean


def test_programs_that_we_start_find_the_systems_libraries() -> None:
    environment = {
        "LD_LIBRARY_PATH": "/opt/hivelet/_internal",
        "LD_LIBRARY_PATH_ORIG": "/usr/local/lib",
        "_PYI_ARCHIVE_FILE": "/opt/hivelet/hivelet",
        "HOME": "/home/volunteer",
    }
    clean(environment)
    assert environment == {"LD_LIBRARY_PATH": "/usr/local/lib", "HOME": "/home/volunteer"}


def test_a_search_path_that_only_the_loader_set_is_gone() -> None:
    environment = {"LD_LIBRARY_PATH": "/opt/hivelet/_internal"}
    clean(environment)
    assert environment == {}
