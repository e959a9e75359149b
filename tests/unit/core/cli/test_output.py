"""How the command line prints."""

from core.cli.output import plain, size, table


def test_text_from_elsewhere_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[31mb\u202ec\r\n\td") == "a\ufffd[31mb\ufffdc\ufffd\n\td"


def test_tables_align_numbers_to_the_right() -> None:
    assert table(("name", "n"), [("a", 5), ("bcdef", 12)], numbers=(1,)) == "name    n\na       5\nbcdef  12"


def test_sizes() -> None:
    assert [size(n) for n in (0, 999, 1500, 2_500_000, 3_200_000_000)] == ["0 B", "999 B", "1.5 kB", "2.5 MB", "3.2 GB"]
