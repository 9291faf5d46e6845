"""What recurrence adds on a corpus infected by families that the model was not trained on.

For each family a model is trained without it (as benchmarks/holdout.py does). A corpus is made of documents
infected with phrases of that family, clean documents, and clean documents with the lines that agencies and page
templates put on many sites ("Read more", "All rights reserved", share buttons). It is cleaned twice: without
recurrence, and with what a first pass over it collected. How often a phrase comes back decides what can be
gained, so the corpus is made at several densities: sites a phrase was put on, on average.

SOURCES are folders as ``cleaner train`` reads them (clean/train, spam); hosts come from their clean/dev, which
training never opens. Needs scikit-learn: pip install 'cleaner[train]'.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from common import QUICK, Table, add_output_options, one_thread, read_documents, show
from holdout import Fold, Work

from cleaner import Cleaner, resources
from cleaner.cases import Case, make_case
from cleaner.evaluate import evaluate
from cleaner.recurrence import Recurrence

_FAMILIES = ("gambling", "escort", "pharma")
_DENSITIES = (3, 10, 30)  # sites a phrase
_SPANS = 1.5  # injected phrases a document, about: to turn a density into a number of phrases
_DEPTH = 12  # pages a site, on average
_SEED = 815
# What the templates of very many honest sites share, by language; "en" is used on any site. None may be cut.
_FURNITURE = {
    "en": (
        "Reuters", "(AP)", "Read more", "Read also: our live coverage", "All rights reserved.", "Advertisement",
        "Share on Facebook Twitter WhatsApp Telegram", "Subscribe to our newsletter", "Follow us on Telegram",
        "Click here to subscribe", "Download our app", "Sign up for free", "This website uses cookies",
        "Copyright 2025 All Rights Reserved", "Most popular", "Sponsored content", "Skip to main content",
    ),
    "id": ("Baca juga: Berita terbaru hari ini", "Ikuti kami di Google News", "Download aplikasi kami"),
    "ru": ("Подписывайтесь на наш канал в Telegram", "Читайте также", "Фото: РИА Новости", "Скачать приложение"),
    "tr": ("Haberin devamı için tıklayın", "Bizi takip edin", "Uygulamamızı indirin"),
    "vi": ("Xem thêm", "Theo dõi chúng tôi trên Google News", "Tải ứng dụng"),
    "th": ("อ่านข่าวเพิ่มเติม", "ติดตามข่าวสารได้ที่ LINE", "ดาวน์โหลดแอป"),
    "ar": ("اقرأ أيضا", "تابعونا على تويتر", "حمل التطبيق"),
    "fa": ("بیشتر بخوانید", "ما را در تلگرام دنبال کنید"),
    "ja": ("続きを読む", "無料会員登録はこちら", "関連記事", "公式アプリ"),
    "ko": ("무단전재 및 재배포 금지", "카카오톡 제보", "관련기사", "구독하기"),
    "zh": ("责任编辑：", "点击进入专题", "扫码关注微信公众号", "下载客户端", "版权所有 未经授权不得转载"),
    "de": ("Lesen Sie auch", "Jetzt kostenlos abonnieren", "Zum Newsletter anmelden"),
    "fr": ("Lire aussi", "S'abonner à la newsletter", "Télécharger l'application"),
    "es": ("Leer más", "Suscríbete gratis", "Síguenos en WhatsApp"),
    "pt": ("Leia também", "Siga-nos no WhatsApp", "Baixe o aplicativo"),
    "it": ("Leggi anche", "Iscriviti alla newsletter", "Scarica l'app"),
    "hi": ("और पढ़ें", "हमें फॉलो करें"),
    "pl": ("Czytaj więcej", "Zapisz się do newslettera"),
    "uk": ("Читайте також", "Підписуйтесь на наш Telegram"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A case with the site it stands on; ``kind`` is infected, clean or furnished."""

    kind: str
    case: Case
    site: str


def main() -> None:
    """Train, make corpora, clean them with and without recurrence; print the figures."""
    args = _parser().parse_args()
    one_thread()
    rows: list[dict[str, Any]] = []
    with resources.corpus_folder(None) as corpus:
        work = Work(corpus, tuple(args.sources), args.full, args.documents)
        for name in args.families:
            fold = Fold("family", name)
            folder = args.models / name
            if not (folder / "manifest.json").exists():
                _train(work, fold, folder)
            for density in args.densities:
                rows += _measured(work, fold, folder, density, args.sites)
    tables = [_table(rows), _harm(rows)]
    note = f"{args.documents:,} infected and {2 * args.documents:,} clean documents, {_DEPTH} pages a site"
    show(args, {"rows": rows}, tables, [note])


def _train(work: Work, fold: Fold, folder: Path) -> None:
    from cleaner.training.train import Plan, train

    train(work.corpus, work.sources, folder, plan=Plan() if work.full else Plan(**QUICK), keep=fold.keeps)


def _measured(work: Work, fold: Fold, folder: Path, density: int, sites: int) -> Iterator[dict[str, Any]]:
    corpus = _corpus(work, fold, density)
    cleaner = Cleaner(model=folder)
    recurrence = Recurrence(sites=sites)
    found = cleaner.candidates_many([placed.case.text for placed in corpus])
    for placed, spans in zip(corpus, found, strict=True):
        recurrence.add(placed.case.text, spans, site=placed.site, id=placed.case.id)
    for name, one in (("without", cleaner), ("with", Cleaner(model=folder, recurrence=recurrence))):
        kinds = {
            kind: asdict(evaluate(one, [placed.case for placed in corpus if placed.kind == kind]).overall)
            for kind in ("infected", "clean", "furnished")
        }
        yield {"family": fold.name, "density": density, "recurrence": name, **kinds}


def _corpus(work: Work, fold: Fold, density: int) -> list[Placed]:
    """Return infected and twice as many clean documents on sites of their language, some of them furnished."""
    rng = random.Random(_SEED)
    unseen = [document for source in work.sources for document in read_documents(source / "clean" / "dev")]
    infected = _infected(work, fold, density, unseen, rng)
    honest = [
        Case(one.id, one.text, (), one.text, {"lang": one.lang}) for one in rng.sample(unseen, 2 * work.documents)
    ]
    by_language: dict[str, list[Case]] = defaultdict(list)
    for case in (*infected, *honest):
        by_language[re.split("[-+]", str(case.fields["lang"]))[0]].append(case)
    placed: list[Placed] = []
    for lang, cases in sorted(by_language.items()):
        sites = [f"{lang}{number}.example" for number in range(-(-len(cases) // _DEPTH))]
        furniture = {site: _furniture(lang, rng) for site in sites[: len(sites) // 2]}
        for case in cases:
            site = rng.choice(sites)
            if case.spans:
                placed.append(Placed("infected", case, site))
            elif site in furniture:
                placed.append(Placed("furnished", _furnish(case, furniture[site], rng), site))
            else:
                placed.append(Placed("clean", case, site))
    return placed


def _infected(work: Work, fold: Fold, density: int, unseen: Sequence[Any], rng: random.Random) -> list[Case]:
    from cleaner.training.campaigns import expand
    from cleaner.training.sources import Host, read_material
    from cleaner.training.synthesize import Synthesizer

    material = read_material(work.corpus, work.sources)
    phrases = [one for one in expand(material.grammars, rng) + material.phrases if not fold.keeps(one)]
    wanted = max(8, round(work.documents * _SPANS / density))
    phrases = rng.sample(phrases, min(wanted, len(phrases)))
    sentences = [one for one in material.sentences if not fold.keeps(one)]
    hosts = [Host(one.text, one.lang, one.id) for one in unseen]
    maker = Synthesizer(hosts, phrases, sentences, material.frames, _SEED)
    texts = {phrase.text for phrase in phrases}
    made = (maker.infected() for _ in range(work.documents * 100))
    fitting = (case for case in made if fold.tests(case, texts))
    cases: list[Case] = []
    for number, case in zip(range(work.documents), fitting, strict=False):
        spans = [list(span) for span in case.spans]
        record = {"id": f"infected-{number}", "text": case.text, "spans": spans, "lang": case.lang}
        cases.append(make_case(record, fold.name))
    return cases


def _furniture(lang: str, rng: random.Random) -> dict[str, float]:
    """Return lines of a site's template with the share of its pages that carry each."""
    own, english = _FURNITURE.get(lang, ()), _FURNITURE["en"]
    lines = {*rng.sample(own, min(2, len(own))), *rng.sample(english, 1)}
    return {line: rng.choice((0.9, 0.9, 0.5, 0.15)) for line in sorted(lines)}


def _furnish(case: Case, furniture: dict[str, float], rng: random.Random) -> Case:
    """Return a clean case with the lines that its site puts on most pages, each at its place."""
    lines = case.text.split("\n")
    for line, share in furniture.items():
        if rng.random() < share:
            lines.insert(rng.choice((0, len(lines), rng.randrange(len(lines) + 1))), line)
    text = "\n".join(lines)
    return replace(case, text=text, cleaned=text)


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    columns = ("family left out, sites a phrase", "precision", "recall", "F1", "restored", "in review")
    table = Table("Characters found without and with recurrence", columns)
    for row in rows:
        figures = row["infected"]
        names = ("precision", "recall", "f1", "restored")
        review = figures["flagged"] - figures["recall"]
        label = f"{row['family']}, {row['density']}, {row['recurrence']}"
        table.rows.append((label, *(f"{figures[name]:.3f}" for name in names), f"{review:.3f}"))
    return table


def _harm(rows: Sequence[dict[str, Any]]) -> Table:
    columns = ("family left out, sites a phrase", "infected/M", "clean/M", "touched", "furnished/M", "touched")
    table = Table("Host characters cut, per million", columns)
    for row in rows:
        label = f"{row['family']}, {row['density']}, {row['recurrence']}"
        infected, clean, furnished = row["infected"], row["clean"], row["furnished"]
        harm = [cell for one in (clean, furnished) for cell in (f"{one['harmed']:.1f}", str(one["touched"]))]
        table.rows.append((label, f"{infected['harmed_all']:.1f}", *harm))
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCES", help="folders as cleaner train takes them")
    parser.add_argument("--models", type=Path, required=True, metavar="DIR", help="for the models; kept")
    parser.add_argument("--families", nargs="+", default=list(_FAMILIES), metavar="NAME", help="left out")
    densities = list(_DENSITIES)
    parser.add_argument("--densities", nargs="+", type=int, default=densities, metavar="N", help="sites a phrase is on")
    parser.add_argument("--sites", type=int, default=5, metavar="N", help="sites from which a phrase recurs (5)")
    parser.add_argument("--full", action="store_true", help="models of the shipped one's size; takes much longer")
    parser.add_argument("--documents", type=int, default=2000, metavar="N", help="infected documents (2000)")
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
