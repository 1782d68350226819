"""What the sentence splitter knows of each language; written for this package, a change bumps ``VERSION``.

All words are in lower case and without their final full stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Rules:
    """A language's own habits; the general ones are in :mod:`sphinx_amts.sentences`."""

    fixed: frozenset[str] = frozenset()
    """Abbreviations that never end a sentence``, ``dr``)."""
    final: frozenset[str] = frozenset()
    """Abbreviations that end a sentence where a sentence starter follows (``etc``, ``inc``)."""
    numeric: frozenset[str] = frozenset()
    """Abbreviations only before a number, a placeholder or a bracket (``no``, ``fig``)."""
    starters: frozenset[str] = frozenset()
    """Words that, capitalised, nearly always begin a sentence."""
    spaced: tuple[str, ...] = ()
    """Abbreviations of several words with their stops and single spaces (``z. b.``); they never end a sentence."""
    spaced_final: tuple[str, ...] = ()
    """The same, where they may end a sentence (``ee. uu.``)."""
    ordinals: bool = False
    """Whether a number with a full stop is an ordinal (``3. Oktober``)."""
    ideographic: bool = False
    """Whether sentences end with full-width stops and need no space after them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Titles, Latin and bibliographic abbreviations that technical books use in every language with Latin letters.
_FIXED = "e.g eg i.e ie cf vs viz resp approx ca dr mr mrs ms prof st ed eds incl esp n.b w.r.t a.k.a i.i.d"
_FINAL = "etc al inc ltd co corp jr sr ph.d m.sc b.sc u.s u.k u.n e.u a.m p.m ibid op.cit et.al s.t"
_NUMERIC = (
    "fig figs eq eqs eqn eqns sec sect secs ch chap vol vols no nos nr pp p art ex tab ref refs app alg thm def lem "
    "prop cor"
)

_ENGLISH = Rules(
    fixed=_words(
        f"{_FIXED} gen col lt maj rev hon gov sen rep mt messrs jan feb mar apr jun jul aug sep sept oct nov dec"
    ),
    final=_words(_FINAL),
    numeric=_words(_NUMERIC),
    starters=_words(
        "the this these those that it we you he she they there here if in for however but and or when while "
        "as an to with on at by from then thus therefore note our your its their his her what which where why "
        "how who since because although though after before once each every all both some many most more no "
        "not let suppose consider see use using first second third finally also moreover furthermore hence "
        "instead such so unlike like given another one two now today similarly recall clearly indeed "
        "unfortunately fortunately next last even still yet only do does is are can could should will would "
        "may might"
    ),
)

_GERMAN = Rules(
    fixed=_words(
        f"{_FIXED} bzw bspw z.b d.h u.a s.o s.u v.a i.d.r i.a evtl ggf vgl inkl exkl zzgl usf sog ggü mind max "
        "min hr fr frl dipl ing o.ä u.ä allg beisp einschl entspr gem lt mio mrd tel urspr verschl wg zz"
    ),
    final=_words(f"{_FINAL} usw uvm u.v.m"),
    numeric=_words(f"{_NUMERIC} abb abschn kap s bd nr art abs gl tab bsp"),
    starters=_words(
        "der die das ein eine es wir sie er ich ihr wenn in für aber und oder als mit auf bei von dann daher "
        "dieser diese dieses diesem hier nun so auch da dort danach jedoch um nach vor zu zum zur im am an "
        "alle alles viele man sein ihre unser unsere wie was wer wo warum obwohl weil damit deshalb außerdem "
        "zuerst schließlich nur"
    ),
    spaced=("z. b.", "d. h.", "u. a.", "s. o.", "s. u.", "v. a.", "i. d. r.", "i. a."),
    spaced_final=("o. ä.", "u. ä.", "n. chr.", "v. chr."),
    ordinals=True,
)

_FRENCH = Rules(
    fixed=_words(f"{_FIXED} m mm mme mlle mgr p.ex c.-à-d c.à.d env cad av apr av.j.-c r.v"),
    final=_words(f"{_FINAL} apr.j.-c"),
    numeric=_words(f"{_NUMERIC} chap éq sect t n°"),
    starters=_words(
        "le la les un une des il elle ils elles on nous vous je ce cet cette ces si dans pour mais et ou "
        "quand comme avec sur par de du en puis ainsi donc cependant toutefois ici alors notre votre nos vos "
        "leur leurs tous toutes chaque après avant lorsque bien même pourquoi comment où qui que quel quelle "
        "enfin ensuite notez"
    ),
    spaced=("p. ex.", "c. -à-d.", "c.-à-d.", "av. j.-c.", "apr. j.-c."),
)

_SPANISH = Rules(
    fixed=_words(f"{_FIXED} sr sra srta sres dra ud uds vd p.ej ej d dña lic ing aprox tel dpto av avda gral"),
    final=_words(f"{_FINAL} ee.uu s.a c.a d.c a.c"),
    numeric=_words(f"{_NUMERIC} pág págs núm ec cap secc n"),
    starters=_words(
        "el la los las un una unos unas lo se si en para pero y o cuando como con por de del al desde este "
        "esta estos estas ese esa esto eso aquí entonces así sin sobre nosotros usted ustedes ellos ellas "
        "nuestro nuestra su sus todos todas cada después antes aunque porque también además sin luego por qué "
        "cómo dónde quién finalmente no hay es son"
    ),
    spaced=("p. ej.", "p. e."),
    spaced_final=("ee. uu.", "a. c.", "d. c.", "s. a."),
)

_PORTUGUESE = Rules(
    fixed=_words(f"{_FIXED} sr sra srs dra v.sa p.ex exmo exma eng arq aprox tel av"),
    final=_words(f"{_FINAL} ltda e.u.a a.c d.c s.a"),
    numeric=_words(f"{_NUMERIC} pág págs núm n.º nº cap seç"),
    starters=_words(
        "o os um uma uns umas se em no na nos nas para mas e ou quando como com por de do da dos das este "
        "esta estes estas esse essa isto isso aqui então assim sem sobre nós você vocês eles elas ele ela "
        "nosso nossa seu sua seus suas todos todas cada depois antes embora porque também além logo "
        "finalmente não há é são ao aos à às"
    ),
    spaced=("p. ex.",),
    spaced_final=("a. c.", "d. c.", "s. a."),
)

_ITALIAN = Rules(
    fixed=_words(f"{_FIXED} sig sigg sig.ra dott dott.ssa ing avv es p.es ad.es v.di cfr circa tel"),
    final=_words(f"{_FINAL} ecc s.p.a s.r.l a.c d.c"),
    numeric=_words(f"{_NUMERIC} pag pagg cap sez tav n eq"),
    starters=_words(
        "il lo la i gli le un uno una si se in per ma e ed o quando come con su di del della dei delle da dal "
        "dalla questo questa questi queste quello quella qui allora così senza noi voi essi esse lui lei "
        "nostro nostra suo sua ogni tutti tutte dopo prima sebbene perché anche inoltre poi infine non è sono "
        "nel nella nei nelle al alla"
    ),
    spaced=("p. es.", "ad es."),
    spaced_final=("a. c.", "d. c."),
)

_TURKISH = Rules(
    fixed=_words(f"{_FIXED} doç yrd öğr gör arş sn av müh örn bkz yy ör alb tğm"),
    final=_words(f"{_FINAL} vb vd vs a.ş ltd.şti m.ö m.s"),
    numeric=_words(f"{_NUMERIC} şek s böl denk cilt"),
    starters=_words(
        "bu şu o bir ve ama fakat ancak eğer için ile biz siz onlar ben sen burada orada sonra önce çünkü "
        "ayrıca böylece bunun bunu bunlar her tüm bazı birçok şimdi ne nasıl neden"
    ),
    ordinals=True,
)

_VIETNAMESE = Rules(
    fixed=_words(f"{_FIXED} ths ts pgs gs bs ks tp tx q p vd ls"),
    final=_words(f"{_FINAL} v.v vv"),
    numeric=_words(f"{_NUMERIC} tr h số"),
    starters=_words(
        "các một những đây đó này khi nếu trong với để và nhưng chúng ta tôi bạn ở sau trước vì do theo tuy tại"
    ),
)

_RUSSIAN = Rules(
    fixed=_words(
        "т.е т.к т.н т.о см ср напр им ул пр акад проф доц канд гр г-н г-жа тов итал англ нем фр лат греч рус "
        "букв прим ред изд соотв e.g i.e cf vs"
    ),
    final=_words("т.д т.п др пр г гг в вв руб коп млн млрд тыс кг км etc al"),
    numeric=_words("рис табл гл стр с п пп ч т ст разд ур форм fig eq no"),
    starters=_words(
        "в во на но и а если это этот эта эти мы вы он она они я для когда как с со по из от к ко при так "
        "также однако поэтому здесь там тогда затем потом после до хотя потому наш ваш его её их все каждый "
        "наконец кроме что где почему кто не у за под над или то"
    ),
    spaced=("т. е.", "т. к.", "т. н.", "т. о.", "и. о."),
    spaced_final=("т. д.", "т. п.", "н. э."),
)

_GENERAL = Rules(fixed=_words(_FIXED), final=_words(_FINAL), numeric=_words(_NUMERIC))

_IDEOGRAPHIC = Rules(
    fixed=_ENGLISH.fixed,
    final=_ENGLISH.final,
    numeric=_ENGLISH.numeric,
    starters=_ENGLISH.starters,
    ideographic=True,
)

_LANGUAGES = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "pt": _PORTUGUESE,
    "it": _ITALIAN,
    "tr": _TURKISH,
    "vi": _VIETNAMESE,
    "ru": _RUSSIAN,
    "zh": _IDEOGRAPHIC,
    "ja": _IDEOGRAPHIC,
    "yue": _IDEOGRAPHIC,
    **dict.fromkeys(
        ("cs", "da", "et", "fi", "hr", "hu", "is", "lv", "nb", "nn", "no", "pl", "sk", "sl", "sr"),
        Rules(fixed=_GENERAL.fixed, final=_GENERAL.final, numeric=_GENERAL.numeric, ordinals=True),
    ),
}


@cache
def rules_for(language: str) -> Rules:
    """Give the rules of a language code such as ``en``, ``zh_CN`` or ``pt-BR``; general rules where it is not known."""
    return _LANGUAGES.get(language.replace("-", "_").partition("_")[0].lower(), _GENERAL)
