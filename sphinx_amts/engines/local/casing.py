"""Letter case: the models know lower-case tokens only, and this gives the translation its capitals.

What is learned from the targets: how each word is mostly written inside a sentence and inside a heading, and whether
sentences and headings begin with a capital. So a language's habits (German nouns, English title case) need no rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sphinx_amts.engines.local.encoding import is_object
from sphinx_amts.engines.local.tokens import bare, ends_sentence, is_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_amts.engines.local.encoding import Encoded

SENTENCE, HEADING = "sentence", "heading"


@dataclass(frozen=True, slots=True)
class Casing:
    """Habits of letter case in the target language."""

    forms: dict[str, dict[str, str]]
    """For sentences and for headings: lower-case word to how it is mostly written."""
    initial: dict[str, bool]
    """For both: whether the first word mostly begins with a capital."""
    title: bool
    """Whether most words of a heading begin with a capital."""

    def apply(self, forms: Sequence[str], source: Encoded) -> list[str]:
        """Write the target tokens *forms* without joiners, in the case that they need as a translation of *source*."""
        context = context_of(source)
        cased = [self._word(bare(form), context) for form in forms]
        first = next((index for index, form in enumerate(forms) if is_word(form) or is_object(form)), None)
        if first is not None and is_word(forms[first]) and self._begins_with_capital(source, context):
            cased[first] = capitalised(cased[first])
        return cased

    def _word(self, word: str, context: str) -> str:
        known = self.forms[context].get(word)
        if known is None and context == HEADING:
            known = self.forms[SENTENCE].get(word)
            if self.title and known is None and is_word(word):
                return capitalised(word)
        return known if known is not None else word

    def _begins_with_capital(self, source: Encoded, context: str) -> bool:
        letters = [surface for form, surface in zip(source.forms, source.surfaces, strict=True) if is_word(form)]
        if letters and letters[0].lower() != letters[0].upper():
            return letters[0][0].isupper()
        return self.initial[context]


def context_of(source: Encoded) -> str:
    """Whether a segment reads like a sentence or like a heading, which has no stop at its end."""
    return SENTENCE if ends_sentence(source.forms) else HEADING


def capitalised(word: str) -> str:
    """*word* with its first letter in upper case."""
    return word[:1].upper() + word[1:]


def learn(pairs: Iterable[tuple[Encoded, Encoded]]) -> Casing:
    """Learn the habits of the targets of *pairs*."""
    written: dict[str, dict[str, Counter[str]]] = {SENTENCE: {}, HEADING: {}}
    firsts: dict[str, Counter[bool]] = {SENTENCE: Counter(), HEADING: Counter()}
    capitals: Counter[bool] = Counter()
    for source, target in pairs:
        context = context_of(source)
        words = [(form, surface) for form, surface in zip(target.forms, target.surfaces, strict=True) if is_word(form)]
        for position, (form, surface) in enumerate(words):
            if position == 0:
                if surface.lower() != surface.upper():
                    firsts[context][surface[0].isupper()] += 1
                if surface[1:] == surface[1:].lower():
                    continue  # a capital here says nothing about the word
            elif context == HEADING:
                capitals[surface[0].isupper()] += 1
            written[context].setdefault(bare(form), Counter())[surface] += 1
    return Casing(
        {context: _habits(found, context == HEADING) for context, found in written.items()},
        {context: counts[True] > counts[False] for context, counts in firsts.items()},
        capitals[True] > capitals[False],
    )


def _habits(written: dict[str, Counter[str]], all_words: bool) -> dict[str, str]:
    """The most frequent form of each word; unless *all_words*, only of those that were ever written with a capital."""
    return {
        word: min(counts, key=lambda form: (-counts[form], form))
        for word, counts in written.items()
        if all_words or set(counts) != {word}
    }
