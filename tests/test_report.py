"""The page for reviewers: what it holds, and what a person does with it in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts.catalog import Entry
from sphinx_amts.checks import Finding
from sphinx_amts.report import STATES, Item, Language, Page, Source, history, render
from tests.webdriver import Browser, browser, needs_browser

HOSTILE = '</script><script>window.hacked = 1</script> <img src=x onerror="hacked=1"> "double" & \'single\' \u2028 --> <!-- {{ 7 * 7 }}'
ARABIC = "درجة الحرارة في الظل هي 20 درجة"
TEXT = "# Rain\n\nRain falls on the gauge.\n" + HOSTILE.replace("\u2028", " ") + "\n"

EVALUATION = {
    "about": "Held out.",
    "articles": {
        "rain.md": {
            "en-zh": {
                "segments": 9,
                **{
                    system: {"bleu": bleu, "chrf": 0.4, "ter": 0.7, "untouched": 0.1, "saved": 0.3}
                    for system, bleu in [("none", 0.02), ("paragraph", 0.4), ("sentence", 0.45)]
                },
            }
        }
    },
    "average": {
        "en-zh": {
            system: {"bleu": bleu, "chrf": 0.4, "ter": 0.7, "untouched": 0.1, "saved": 0.3}
            for system, bleu in [("none", 0.02), ("paragraph", 0.4), ("sentence", 0.45)]
        }
    },
    "significance": {
        "en-zh": [{"system": "sentence", "against": "none", "bleu": 0.45, "difference": 0.43, "p_value": 0.001}]
    },
    "signatures": {"en-zh": {"bleu": "nrefs:1|tok:zh"}},
}


def small() -> Page:
    """Two chapters in two languages, with one of everything."""
    sources = [
        Source("rain", "title", "Rain", "rain.md", 1),
        Source("rain", "paragraph", "Rain falls on the gauge.", "rain.md", 3),
        Source("rain", "paragraph", HOSTILE, "rain.md", 4),
        Source("wind & <storm>", "paragraph", "Wind comes from the west.", "wind.md", 1),
    ]
    items = [
        Item(0, 0, "human", "雨", "locale/zh_CN/LC_MESSAGES/rain.po", 7),
        Item(0, 1, "machine", "مطر", engine="local"),
        Item(
            1, 0, "stale", "雨落在雨量筒里。", previous="Rain fell on that gauge.", fresh=("Rain falls on the gauge.",)
        ),
        Item(
            1,
            1,
            "machine",
            ARABIC,
            engine="local",
            findings=(Finding("numbers", "The number 20 is not in the source.", "20"),),
        ),
        Item(2, 0, "conflicts", HOSTILE, other=HOSTILE + "!", findings=(Finding("script", HOSTILE, "double"),)),
        Item(2, 1, "untranslated", ""),
        Item(3, 0, "machine", "风从东边来。", change="edited", before="风从西边来。", engine="local"),
        Item(3, 1, "untranslated", ""),
    ]
    return Page(
        project='Weather & "Rain" </script>',
        languages=[Language("zh_CN", "Chinese"), Language("ar", "Arabic", "rtl")],
        documents={"rain": "Rain", "wind & <storm>": "Wind"},
        sources=sources,
        items=items,
        files={"rain.md": TEXT, "wind.md": "Wind comes from the west.\n"},
        base="..",
        runs={"zh_CN": {"engine": "local", "sent_segments": 3, "sent_characters": 55, "estimated_cost": 0.0}},
        evaluation=EVALUATION,
    )


def data_of(html: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert match is not None
    return json.loads(match[1])


# -- without a browser ---------------------------------------------------------------------------------------------


def test_the_same_data_gives_the_same_bytes() -> None:
    assert render(small()) == render(small())


def test_everything_from_the_book_is_escaped() -> None:
    html = render(small())
    assert html.count("<script") == 2, "the data and our own script"
    assert html.count("</script>") == 2
    assert "<img" not in html
    assert "<storm>" not in html
    data = data_of(html)
    assert HOSTILE in {message[4] for message in data["messages"]}
    assert data["texts"]["rain.md"] == TEXT


def test_nothing_can_be_loaded_and_nothing_else_can_run() -> None:
    html = render(small())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"https?://", re.sub(r"(?s)<script.*?</script>", "", html))


def test_the_overview_counts_every_state() -> None:
    html = render(small())
    assert set(STATES) >= {"human", "machine", "stale", "conflicts", "untranslated"}
    assert "1 human, 1 machine, 1 stale, 1 conflicts" in re.sub(r"\s+", " ", html)


def test_a_page_with_nothing_but_an_evaluation() -> None:
    html = render(Page("D2L", evaluation=EVALUATION))
    assert "Overview" not in html
    assert "sentence pairs" in html
    assert "nrefs:1|tok:zh" in html
    assert "+0.430 BLEU" in html


def test_history_keeps_the_last_changes(tmp_path: Path) -> None:
    before = {"a": Entry("a", "A"), "b": Entry("b", "B")}
    after = {
        "a": Entry("a", "A"),
        "b": Entry("b", "Bb"),
        "c": Entry("c", "C"),
        "d 2": Entry("d 2", "D2"),
        "e": Entry("e"),
    }
    changes = list(history.changes_of("x", before, after, {"d 2": Entry("d 1", "D1")}))
    assert [(one.msgid, one.before) for one in changes] == [("b", "B"), ("c", ""), ("d 2", "D1")]
    assert history.load(tmp_path).changes == []
    history.record(tmp_path, {"engine": "local"}, changes)
    assert list(history.load(tmp_path).changes) == changes
    history.record(tmp_path, {"engine": "amazon"}, [])
    assert list(history.load(tmp_path).changes) == changes, "a run without changes leaves what the last one changed"
    assert history.load(tmp_path).summary == {"engine": "amazon"}
    for name in (history.FIGURES, history.CHANGES):
        (tmp_path / name).write_text("{", encoding="utf-8")
    assert history.load(tmp_path).changes == []


# -- in a browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def page(window: Browser, tmp_path: Path) -> Iterator[Browser]:
    """The small page, open, and afterwards proof that it was quiet."""
    (tmp_path / "out").mkdir()
    (tmp_path / "rain.md").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "out" / "report.html"
    path.write_text(render(small()), encoding="utf-8")
    window.developer("Emulation.clearDeviceMetricsOverride", {})
    window.console(), window.requests()
    window.open(path.as_uri())
    window.wait("return document.documentElement.dataset.ready")
    yield window
    assert window.console() == []
    assert {url for url in window.requests() if not url.startswith("data:")} <= {path.as_uri()}
    assert window.run("return window.hacked") is None


def show_messages(page: Browser, query: str = "") -> None:
    page.run("location.hash = arguments[0]", f"#messages{query}")
    page.wait("return document.querySelector('.row, .empty') && !document.querySelector('#view-messages').hidden")


def texts(page: Browser) -> list[str]:
    found = page.run("return [...document.querySelectorAll('.row .to')].map(one => one.textContent)")
    return [str(text) for text in found]


@needs_browser
def test_filters(page: Browser) -> None:
    show_messages(page)
    assert len(texts(page)) == 8
    page.click("#states button:nth-child(2)")
    assert texts(page) == ["雨落在雨量筒里。"]
    assert "state=stale" in page.run("return location.hash")
    page.click("#states button:nth-child(2)")
    page.run(
        "const one = document.querySelector('#check'); one.value = 'numbers'; one.dispatchEvent(new Event('change'))"
    )
    assert texts(page) == [ARABIC]
    page.click("#reset")
    page.click("#change")
    assert texts(page) == ["风从东边来。"]
    page.click("#reset")
    page.run("const one = document.querySelector('#doc'); one.value = '1'; one.dispatchEvent(new Event('change'))")
    assert texts(page) == ["风从东边来。", "–"]
    assert page.text("#count") == "2 of 8"
    page.click("#reset")
    page.click("#first")
    assert texts(page)[0] == HOSTILE


@needs_browser
def test_search_in_source_and_translation(page: Browser) -> None:
    show_messages(page)
    page.type("#q", "雨量")
    page.wait("return document.querySelectorAll('.row').length === 1")
    page.click("#reset")
    page.type("#q", "WIND COMES")
    page.wait("return document.querySelectorAll('.row').length === 2")
    page.type("#q", " nowhere")
    assert page.wait("return document.querySelector('.empty')?.textContent")


@needs_browser
def test_links_of_the_overview_choose_messages(page: Browser) -> None:
    page.click(".chapters tbody tr:nth-child(2) td:nth-child(3) a")
    page.wait("return !document.querySelector('#view-messages').hidden")
    assert texts(page) == ["–"]
    assert page.text("#count") == "1 of 8"


@needs_browser
def test_a_click_leads_to_the_file_and_the_line(page: Browser) -> None:
    show_messages(page, "?doc=rain&lang=zh_CN&state=stale")
    page.click(".row")
    assert page.run("return document.querySelector('.places a.source').href").endswith("/rain.md#L3")
    page.click(".places a.source")
    assert page.text("#file-title") == "rain.md:3"
    assert page.text("#file-text .here") == "Rain falls on the gauge."
    address = page.run("return document.querySelector('#file-link').href")
    target = Path(re.sub(r"^file://|#L3$", "", address))
    assert target.read_text(encoding="utf-8") == TEXT
    page.press("Escape")
    assert page.run("return document.querySelector('#file').open") is False


@needs_browser
def test_differences_word_by_word(page: Browser) -> None:
    show_messages(page, "?state=stale")
    page.click(".row")
    changed = "return [...document.querySelectorAll(`#detail ${arguments[0]}`)].map(one => one.textContent)"
    assert page.run(changed, "del") == ["fell", "that"]
    assert page.run(changed, "ins") == ["falls", "the"]
    show_messages(page, "?change=1")
    page.click(".row")
    assert page.run(changed, "del") == ["西"]
    assert page.run(changed, "ins") == ["东"]


@needs_browser
def test_a_hostile_book_shows_its_text(page: Browser) -> None:
    show_messages(page, "?state=conflicts")
    page.click(".row")
    assert page.run("return document.querySelector('#detail .said').textContent") == HOSTILE
    assert page.run("return document.querySelector('.found span').textContent") == HOSTILE
    assert page.run("return document.querySelector('#detail mark').textContent") == "double"
    page.click(".places a.source")
    assert HOSTILE.split(" \u2028", maxsplit=1)[0] in page.text("#file-text .here")
    page.press("Escape")
    assert page.run("return document.querySelectorAll('img').length") == 0
    assert page.run("return document.title").startswith('Weather & "Rain" </script>')


@needs_browser
def test_right_to_left(page: Browser) -> None:
    show_messages(page, "?lang=ar&check=numbers")
    page.click(".row")
    said = "#detail .pair > div:nth-child(2) .said"
    assert page.run("return getComputedStyle(document.querySelector(arguments[0])).direction", said) == "rtl"
    assert page.run("return document.querySelector(arguments[0]).textContent", said) == ARABIC
    assert page.run("return getComputedStyle(document.querySelector('.row .to')).direction") == "rtl"


@needs_browser
def test_keys(page: Browser) -> None:
    page.press("2")
    page.wait("return !document.querySelector('#view-messages').hidden")
    page.press("j", "j")
    assert page.run("return document.querySelector('.row[aria-selected=true] .to').textContent") == "مطر"
    page.press("k")
    assert page.run("return document.querySelector('.row[aria-selected=true] .to').textContent") == "雨"
    page.press("o")
    assert page.text("#file-title") == "rain.md:1"
    page.press("Escape", "/", "w", "e", "s", "t")
    page.wait("return document.querySelectorAll('.row').length === 2")
    page.press("Escape", "End")
    place = "return document.querySelector('.row[aria-selected=true]').getAttribute('aria-posinset')"
    assert page.run(place) == "2"
    page.press("?")
    assert page.run("return document.querySelector('#help').open") is True
    page.press("Escape", "3")
    page.wait("return !document.querySelector('#view-evaluation').hidden")


@needs_browser
def test_dark_mode_follows_the_system_and_the_button(page: Browser) -> None:
    theme = "return document.documentElement.dataset.theme"
    page.developer("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    page.wait("return document.documentElement.dataset.theme === 'dark'")
    page.click("#theme")
    assert page.run(theme) == "light"
    page.developer("Emulation.setEmulatedMedia", {"features": []})


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
def test_text_is_readable_on_its_ground(page: Browser, dark: bool) -> None:
    """Contrast of 4.5 at least (WCAG 2.2, 1.4.3) for every piece of text of the messages' view."""
    if dark:
        page.click("#theme")
    show_messages(page, "?check=numbers")
    page.click(".row")
    low = page.run(CONTRAST)
    assert low == []
    if dark:
        page.click("#theme")


CONTRAST = r"""
const parse = (color) => color.match(/[\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const color = parse(getComputedStyle(at).backgroundColor);
    if (color.length < 4 || color[3] > 0.99) return color;
  }
  return [255, 255, 255];
};
const low = [];
for (const one of document.querySelectorAll("body *")) {
  if (!one.checkVisibility() || ![...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
  const [a, b] = [light(parse(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) low.push([one.className, one.textContent.slice(0, 30), ratio]);
}
return low;
"""


@needs_browser
def test_phone_width(page: Browser) -> None:
    page.resize(390, 844)
    wide = "return document.documentElement.scrollWidth > innerWidth"
    assert page.run(wide) is False
    show_messages(page)
    assert page.run(wide) is False
    assert page.run("return getComputedStyle(document.querySelector('#detail')).display") == "none"
    page.click(".row")
    assert page.run("return document.querySelector('#detail').checkVisibility()") is True
    page.click(".back")
    assert page.run("return getComputedStyle(document.querySelector('#detail')).display") == "none"


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_charts_name_every_row(page: Browser, width: int) -> None:
    page.resize(width, 844)
    page.run("location.hash = '#evaluation'")
    page.wait("return !document.querySelector('#view-evaluation').hidden")
    assert page.run("return document.documentElement.scrollWidth > innerWidth") is False
    above = page.run(
        "const box = (one) => one.getBoundingClientRect();"
        "const dots = [...document.querySelectorAll('.dots circle')].map(box);"
        "return [...document.querySelectorAll('.dots .name')].map(name => ["
        " name.textContent, box(name).width > 0, dots.filter(dot => dot.top > box(name).bottom).length])"
    )
    assert above == [["rain.md", True, 6], ["average", True, 3]], (
        "a name stands above its own dots and below all others"
    )


@needs_browser
def test_thirty_thousand_messages(window: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(render(large(30_000)), encoding="utf-8")
    window.developer("Emulation.clearDeviceMetricsOverride", {})
    window.open(path.as_uri())
    ready = int(window.wait("return document.documentElement.dataset.ready"))
    assert ready < 3000, "milliseconds until the page can be used"
    show_messages(window)
    assert window.run("return document.querySelectorAll('.row').length") < 60, "only what is seen is in the document"
    window.run("const one = document.querySelector('#list'); one.focus(); one.scrollTop = one.scrollHeight")
    window.wait("return document.querySelector('.row[aria-posinset=\"30000\"]')")
    window.press("End")
    assert "29999" in window.run("return document.querySelector('#detail .said').textContent")
    window.type("#q", "message 12345 ")
    window.wait("return document.querySelectorAll('.row').length === 1")


def large(count: int) -> Page:
    """A page with *count* messages."""
    words = "the rain in the gauge tells you how much water fell during the night".split(" ")
    documents = {f"chapter-{number:03}": f"Chapter {number}" for number in range(count // 150)}
    names = list(documents)
    sources = [
        Source(
            names[number * len(names) // count],
            "paragraph",
            f"message {number} {' '.join(words * 2)}",
            "a.rst",
            number + 1,
        )
        for number in range(count)
    ]
    states = list(STATES)
    items = [
        Item(number, 0, states[number % 5], f"texto {number} {' '.join(words * 2)}", "es.po", 4 * number)
        for number in range(count)
    ]
    return Page("Large", [Language("es", "Spanish")], documents, sources, items, {"a.rst": "\n" * count}, base="..")
