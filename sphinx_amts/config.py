"""The options of ``conf.py``: one dataclass with default, meaning and check of each, and the pipelines made of them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sphinx_amts.model import ConfigurationError, Pipeline

AMAZON_KEYS = {
    "region", "bucket", "prefix", "role_arn", "profile", "endpoint_url", "kms_key", "mode", "formality", "profanity",
    "brevity", "poll_seconds", "stop_on_interrupt",
}  # fmt: skip
"""Keys that ``amts_amazon`` may have."""

MORE_LANGUAGES = {"cak", "sr@latin", "sr_RS@latin", "ca@valencia", "uz@Cyrl"}
"""Languages that Sphinx or gettext know by a code that CLDR does not have."""


_ACCEPTED_CODES = "Accepted: codes as Sphinx's option language takes them, such as 'zh_CN', 'es' or 'pt_BR'."


@dataclass(frozen=True, slots=True)
class _Check:
    """A test of a value and the words for what passes it."""

    accepts: Callable[[Any], bool]
    accepted: str


def _strings(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) and item for item in value)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _amount(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\d+(\.\d+)?", value) is not None
    return _number(value) and bool(value >= 0)


def _option(default: Any, help_: str, accepts: Callable[[Any], bool], accepted: str) -> Any:
    metadata = {"help": help_, "check": _Check(accepts, accepted)}
    if isinstance(default, (list, dict)):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Options:
    """Every ``amts_`` option, without its prefix; ``metadata`` of each field holds its help and its check."""

    languages: Any = _option(  # noqa: RUF009 - makes a dataclasses.field
        [],
        "target languages in Sphinx's codes; or a dict from language to a dict of overrides of any option below",
        lambda value: (
            _strings(value)
            or (isinstance(value, dict) and _strings([*value]) and all(isinstance(own, dict) for own in value.values()))
        ),
        "a list of language codes such as ['zh_CN', 'es'], or a dict from code to a dict of options",
    )
    engine: str = _option(
        "local",
        "'local', 'amazon', 'pseudo', a name from the entry-point group sphinx_amts.engines, or 'package.module:Class'",
        lambda value: isinstance(value, str) and bool(value),
        "a name or 'package.module:Class'",
    )
    parallel_data: Sequence[str] = _option(
        [],
        "CSV, TSV or TMX files of human-approved pairs, relative to conf.py; {language} expands",
        _strings,
        "a list of file names",
    )
    terminology: Sequence[str] = _option(
        [],
        "CSV, TSV or TMX term lists; a term that maps to itself is never translated",
        _strings,
        "a list of file names",
    )
    amazon: Mapping[str, Any] = _option(
        {},
        "settings of Amazon Translate: " + ", ".join(sorted(AMAZON_KEYS)),
        lambda value: isinstance(value, dict) and set(value) <= AMAZON_KEYS,
        "a dict with keys among " + ", ".join(sorted(AMAZON_KEYS)),
    )
    max_cost: float | None = _option(
        None,
        "US dollars; a run whose estimate, of all languages with this limit, is higher stops before anything is sent",
        lambda value: value is None or _amount(value),
        "None or a number from 0",
    )
    fuzzy: float = _option(
        0.8,
        "similarity from which a translation-memory match may serve as a draft",
        lambda value: _number(value) and 0 < value <= 1,
        "a number above 0 and up to 1",
    )
    captions: bool = _option(
        True,
        "whether captions and alternative texts are translated",
        lambda value: isinstance(value, bool) or value in (0, 1, "0", "1"),
        "True or False",
    )
    exclude: Sequence[str] = _option(
        [], "patterns of documents that are copied as they are", _strings, "a list of patterns"
    )
    output: str | None = _option(
        None,
        "where a language's localized tree goes, e.g. '../book-{language}'; default <outdir>/<language>",
        lambda value: value is None or (isinstance(value, str) and bool(value)),
        "None or a folder name with {language}",
    )
    post: Sequence[Any] = _option(
        [],
        "callables (or dotted paths) text, context -> text run on each translated text",
        lambda value: (
            isinstance(value, (list, tuple)) and all(callable(item) or isinstance(item, str) for item in value)
        ),
        "a list of callables or dotted paths",
    )
    without_checks: Sequence[str] = _option(
        [],
        "names of checks of the translations that are switched off, such as 'doubled'",
        _strings,
        "a list of names of checks",
    )


def unknown(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those of the *names* in a ``conf.py`` that look like options and are none, with the option that may be meant."""
    known = [f"amts_{option.name}" for option in fields(Options)]
    for name in names:
        if name.startswith("amts_") and name not in known and (meant := get_close_matches(name, known, 1)):
            yield name, meant[0]


def read(values: Mapping[str, Any]) -> Options:
    """Make options of *values* (names without prefix); raise :class:`ConfigurationError` for the first wrong one."""
    known = {option.name for option in fields(Options)}
    for name, value in values.items():
        if name not in known:
            raise ConfigurationError(f"amts_{name}: no such option. Accepted: {', '.join(sorted(known))}.")
        _check(name, value, f"amts_{name}")
    return Options(**{name: _typed(name, value) for name, value in values.items()})


def _typed(name: str, value: Any) -> Any:
    """A *value* as its option has it: ``-D amts_captions=0`` and ``-D amts_max_cost=5`` are strings."""
    if name == "captions":
        return bool(int(value))
    return float(value) if name == "max_cost" and isinstance(value, str) else value


def _check(name: str, value: Any, shown: str) -> None:
    check = next(option.metadata["check"] for option in fields(Options) if option.name == name)
    if not check.accepts(value):
        raise ConfigurationError(f"{shown} = {value!r}: not accepted. Accepted: {check.accepted}.")


def check_language(code: str, shown: str) -> None:
    """Raise :class:`ConfigurationError` unless *code* is a language that Sphinx can build for."""
    from babel import Locale, UnknownLocaleError

    if code in MORE_LANGUAGES:
        return
    hint = f" Did you mean {code.replace('-', '_')!r}?" if "-" in code else ""
    try:
        Locale.parse(code.partition("@")[0], sep="_")
    except (UnknownLocaleError, ValueError) as error:
        raise ConfigurationError(f"{shown}: {code!r} is not a known language. {_ACCEPTED_CODES}{hint}") from error
    if code != (spelled := _spelled(code)):  # folders of Sphinx's and of gettext's are found by this spelling only
        raise ConfigurationError(
            f"{shown}: {code!r} is not a known language. {_ACCEPTED_CODES} Did you mean {spelled!r}?"
        )


def _spelled(code: str) -> str:
    """*code* with its parts in the case that CLDR gives them: ``zh_Hans_CN``."""
    place, at, variant = code.partition("@")
    first, *others = place.split("_")
    cases = {2: str.upper, 4: str.title}
    return "_".join([first.lower(), *(cases.get(len(part), str)(part) for part in others)]) + at + variant


def pipelines(
    options: Options, source_language: str, confdir: Path, outdir: Path, locale_dir: Path
) -> tuple[Pipeline, ...]:
    """One pipeline per language; raise :class:`ConfigurationError` for a wrong language, option or path."""
    chosen = options.languages
    overrides: Mapping[str, Mapping[str, Any]] = chosen if isinstance(chosen, dict) else {code: {} for code in chosen}
    made = [
        _pipeline(language, own, options, source_language, confdir, outdir, locale_dir)
        for language, own in overrides.items()
    ]
    outputs: dict[Path, str] = {}
    for pipeline in made:
        other = outputs.setdefault(pipeline.output, pipeline.language)
        if other != pipeline.language:
            raise ConfigurationError(
                f"amts_output: {other} and {pipeline.language} would both be written to {pipeline.output}. "
                "Put {language} into the folder's name."
            )
    return tuple(made)


def _pipeline(
    language: str,
    overrides: Mapping[str, Any],
    options: Options,
    source_language: str,
    confdir: Path,
    outdir: Path,
    locale_dir: Path,
) -> Pipeline:
    check_language(language, "amts_languages")
    if language == source_language:
        raise ConfigurationError(
            f"amts_languages: {language!r} is the book's own language (language in conf.py). Take it out."
        )
    for name, value in overrides.items():
        known = [option.name for option in fields(Options) if option.name != "languages"]
        if name not in known:
            raise ConfigurationError(
                f"amts_languages[{language!r}] = {{{name!r}: {value!r}}}: no such option. Accepted: {', '.join(known)}."
            )
        _check(name, value, f"amts_languages[{language!r}][{name!r}]")
    own = replace(options, **{name: _typed(name, value) for name, value in overrides.items()})
    output = Path(own.output.replace("{language}", language)) if own.output else outdir / language

    def paths(names: Sequence[str]) -> tuple[Path, ...]:
        return tuple(confdir / name.replace("{language}", language) for name in names)

    return Pipeline(
        language=language,
        source_language=source_language,
        confdir=confdir,
        state=locale_dir / ".amts" / language,
        output=(confdir / output).resolve(),
        engine=own.engine,
        parallel_data=paths(own.parallel_data),
        terminology=paths(own.terminology),
        amazon=own.amazon,
        max_cost=own.max_cost,
        fuzzy=float(own.fuzzy),
        captions=own.captions,
        exclude=tuple(own.exclude),
        post=tuple(_callable(item) for item in own.post),
        without_checks=tuple(own.without_checks),
    )


def _callable(item: Any) -> Callable[..., str]:
    if not isinstance(item, str):
        return item  # type: ignore[no-any-return]
    module, _, name = item.replace(":", ".").rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"amts_post: cannot load {item!r} ({error}). Accepted: callables, or paths such as 'package.module.function'."
        ) from error
    if not callable(found):
        raise ConfigurationError(f"amts_post: {item!r} is not callable.")
    return found  # type: ignore[no-any-return]
