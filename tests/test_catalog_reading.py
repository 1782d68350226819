"""The fast way of reading a usual entry gives what the reader line by line gives."""

from __future__ import annotations

import re
from dataclasses import astuple
from pathlib import Path
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.catalog import reading
from sphinx_amts.model import FileError

LINES = [
    'msgid "a"', 'msgid  "a"', 'msgid ""', 'msgid "b"', 'msgid "c"', 'msgstr "d"', 'msgstr ""', 'msgstr "e" ',
    '"f\\n"', '"g\\12"', '"0 h"', '"i\\\\"', '"bad', '"j"k"', "l", "#", "# m", "#  n ", "#o", "#. p", "#.", "#: q:1", "#:r",
    "#, fuzzy", "#,fuzzy, s", "#| msgid \"t\"", '#~ msgid "u"', '#~ msgstr "v"', 'msgctxt "w"', 'msgid_plural "x"',
    'msgstr[0] "y"', "\tmsgid \"z\"", "# \u2028", "# \x0c.", "#\u00a0", "", "", "", " ",
]  # fmt: skip
ENTRIES = [
    'msgid "1"\nmsgstr "2"',
    '# note\n#: a:1\nmsgid ""\n"3 "\n"4"\nmsgstr "5\\n"',
    'msgid "6"\nmsgstr ""',
    "# end",
]


def _read(text: str) -> object:
    try:
        return [(*astuple(entry), entry.line, entry.raw) for entry in reading._entries(Path("x.po"), text)]
    except FileError as error:
        return str(error)


@given(st.lists(st.sampled_from([*LINES, *ENTRIES, *(f"\n{one}\n" for one in ENTRIES)]), max_size=14))
def test_both_ways_of_reading_agree(lines: list[str]) -> None:
    text = "\n".join(lines)
    with mock.patch.object(reading, "_USUAL", re.compile(r"(?!)")):
        expected = _read(text)
    assert _read(text) == expected
