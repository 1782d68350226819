"""TMX files: the form in which parallel data and terminologies are sent.

TMX 1.4b instead of CSV, because a CSV field may not begin with ``+ - = @``, not even in quotes, and may not span lines;
TMX carries every sentence. Rules: Developer Guide, "Parallel data input files for Amazon Translate".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

_TOOL = 'creationtool="sphinx_amts" creationtoolversion="1" o-tmf="sphinx_amts"'
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_tmx(source: str, target: str, rows: Iterable[tuple[str, str]]) -> bytes:
    """Write *rows* (source text, translation) for Amazon's language codes *source* and *target*, as UTF-8."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tmx version="1.4">',
        f'<header srclang={quoteattr(source)} adminlang="en" datatype="PlainText" segtype="sentence" {_TOOL}/>',
        "<body>",
    ]
    for original, translation in rows:
        lines.append(f"<tu>{_unit(source, original)}{_unit(target, translation)}</tu>")
    lines += ["</body>", "</tmx>", ""]
    return "\n".join(lines).encode()


def _unit(language: str, text: str) -> str:
    return f"<tuv xml:lang={quoteattr(language)}><seg>{escape(_NO_XML.sub('', text))}</seg></tuv>"
