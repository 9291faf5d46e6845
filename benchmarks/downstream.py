"""What injections do to a tokenizer, and what cleaning gives back.

Clean documents are infected at known rates with a few campaigns that the model's weights were not fitted on: a
campaign puts the same phrases into thousands of pages, and that is how they get into vocabularies. Byte-level BPE
tokenizers are then trained on the infected corpus, on what the cleaner and its peers make of it, and on the
corpus as it was. DATA is a folder as for holdout.py. Needs tokenizers, and matplotlib for --chart.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from common import Table, add_output_options, bytes_of, entrant, load, one_thread, read_documents, show
from peers import PEERS, Peer

from cleaner import Cleaner
from cleaner.cases import Case, make_case
from cleaner.resources import corpus_folder

_SEED = 20_260
_UNSEEN = 0.84  # training keeps campaigns above this share for its thresholds; no weight is fitted on them
_HELD_OUT = 10  # every tenth document is not trained on: compression is measured there
_MOSTLY = 0.5  # of a token's places: from here on it is a token of the injections
_PER_CAMPAIGN = 2  # phrases
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Infected documents in a fixed order, clean ones, and clean ones that no tokenizer is trained on."""

    infected: list[Case]
    clean: list[str]
    held_out: list[str]

    def texts(self, rate: float, infected: Sequence[str], clean: Sequence[str]) -> list[str]:
        """Return the corpus with a share of its documents from ``infected``, the others from ``clean``.

        ``clean`` are first the infected documents as they were before, then the rest.
        """
        count = self.count(rate)
        return [*infected[:count], *clean[count:]]

    def count(self, rate: float) -> int:
        """Return how many documents are infected at a rate."""
        return round(rate * (len(self.infected) + len(self.clean)))

    @property
    def original(self) -> list[str]:
        """Return all documents before the infection."""
        return [*(case.cleaned for case in self.infected), *self.clean]


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one tokenizer; shares in [0, 1], compression in bytes of UTF-8 per token."""

    rate: float
    name: str
    spam_tokens: float
    compression: float
    spam_compression: float
    text_lost: float


def main() -> None:
    """Infect, clean, train and print the figures."""
    args = _parser().parse_args()
    one_thread()
    missing: list[str] = []
    corpus = make_corpus(args.data, args.documents, max(args.rates), args.campaigns)
    before = corpus.original
    made: dict[str, tuple[list[str], list[str]]] = {"infected": ([case.text for case in corpus.infected], before)}
    for name, make in _contestants(args):
        contestant = entrant(name, make, missing)
        if contestant is not None:
            made[name] = _cleaned(contestant, made["infected"][0]), _cleaned(contestant, before)
    made["never infected"] = [case.cleaned for case in corpus.infected], before
    rows = []
    for rate in args.rates:
        for name, texts in made.items():
            lost = 1 - sum(map(len, texts[1])) / sum(map(len, before))
            rows.append(score(corpus, rate, name, corpus.texts(rate, *texts), args.vocabulary, lost))
            print(f"{rate:g} {name}", file=sys.stderr)
    if args.chart is not None:
        draw(rows, args.chart)
    notes = [*missing, f"{len(before):,} documents, {bytes_of(before) / 1e6:.1f} MB, {args.vocabulary:,} tokens"]
    show(args, {"rows": [asdict(row) for row in rows]}, list(_tables(rows)), notes)


def make_corpus(data: Path, documents: int, most: float, campaigns: int) -> Corpus:
    """Return a corpus whose infections come from campaigns and hosts that no weight was fitted on."""
    from cleaner.training.campaigns import expand
    from cleaner.training.sides import share_of
    from cleaner.training.sources import Host, read_material
    from cleaner.training.synthesize import Synthesizer

    with corpus_folder(None) as folder:
        material = read_material(folder, [data])
    rng = random.Random(_SEED)
    found = list(read_documents(data / "clean" / "dev"))
    rng.shuffle(found)
    held_out = [document.text for document in found[::_HELD_OUT]]
    hosts = [document for number, document in enumerate(found) if number % _HELD_OUT]
    phrases = [*expand(material.grammars, rng), *material.phrases]
    by_campaign: dict[str, list[Any]] = {}
    for phrase in phrases:
        if share_of(phrase.campaign) >= _UNSEEN:
            by_campaign.setdefault(phrase.campaign, []).append(phrase)
    names = rng.sample(sorted(by_campaign), min(campaigns, len(by_campaign)))
    phrases = [phrase for name in names for phrase in by_campaign[name][:_PER_CAMPAIGN]]
    said = [sentence for sentence in material.sentences if share_of(sentence.campaign) >= _UNSEEN]
    count = round(most * documents)
    carriers = [Host(document.text, document.lang, document.id) for document in hosts[: len(hosts) // 2]]
    maker = Synthesizer(carriers, phrases, said, material.frames, _SEED)
    infected = [_as_case(maker.infected(), number) for number in range(count)]
    clean = [document.text for document in hosts[len(hosts) // 2 :]][: documents - count]
    return Corpus(infected, clean, held_out)


def score(corpus: Corpus, rate: float, name: str, texts: Sequence[str], vocabulary: int, lost: float) -> Row:
    """Train a tokenizer on ``texts`` and see what its tokens are for; ``lost`` is passed on."""
    tokenizer = train(texts, vocabulary)
    infected = corpus.infected[: corpus.count(rate)]
    everything = [case.text for case in infected] + corpus.original[len(infected) :]
    spans = [case.spans for case in infected] + [()] * (len(everything) - len(infected))
    inside: Counter[int] = Counter()
    overall: Counter[int] = Counter()
    for places, (ids, offsets) in zip(spans, _encoded(tokenizer, everything), strict=True):
        overall.update(ids)
        if places:
            inside.update(token for token, place in zip(ids, offsets, strict=True) if _within(place, places))
    living = sum(inside[token] > _MOSTLY * count for token, count in overall.items())
    phrases = [case.text[start:end] for case in infected for start, end in case.spans]
    return Row(
        rate=rate,
        name=name,
        spam_tokens=living / tokenizer.get_vocab_size(),
        compression=_compression(tokenizer, corpus.held_out),
        spam_compression=_compression(tokenizer, phrases),
        text_lost=lost,
    )


def train(texts: Sequence[str], vocabulary: int) -> Any:
    """Return a byte-level BPE tokenizer."""
    library = load("tokenizers", "tokenizers")
    tokenizer = library.Tokenizer(library.models.BPE())
    tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = library.pre_tokenizers.ByteLevel.alphabet()
    trainer = library.trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(map(_plain, texts), trainer)
    return tokenizer


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the share of spam tokens over the rate of infection, as an SVG with text."""
    matplotlib = load("matplotlib", "matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "cleaner", "font.family": "sans-serif"})
    plot = load("matplotlib.pyplot", "matplotlib")
    figure, axes = plot.subplots(figsize=(7.2, 4.0), layout="constrained")
    styles = {"infected": ("#b3261e", 2.2), "cleaner": ("#1b6e3c", 2.6), "never infected": ("#222222", 1.4)}
    greys = iter(("#8a8a8a", "#a08cc0", "#c09a60", "#7aa0c4", "#b0b0b0", "#c8a0a0"))
    for name in dict.fromkeys(row.name for row in rows):
        mine = [row for row in rows if row.name == name]
        colour, width = styles.get(name) or (next(greys), 1.3)
        dash = "--" if name == "never infected" else "-"
        values = [100 * row.spam_tokens for row in mine]
        axes.plot([100 * row.rate for row in mine], values, dash, marker="o", ms=4, c=colour, lw=width, label=name)
    axes.set(xlabel="infected documents, %", ylabel="tokens that live on injections, %", ylim=(0, None))
    axes.set_xscale("log")
    ticks = sorted({100 * row.rate for row in rows})
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def _contestants(args: argparse.Namespace) -> Iterator[tuple[str, Callable[[], Cleaner]]]:
    yield "cleaner", partial(Cleaner, model=args.model)
    for entry in PEERS:
        if entry.key in args.peers:
            yield entry.name, lambda entry=entry: cast(Cleaner, Peer(entry.make()))  # type: ignore[misc]


def _cleaned(contestant: Cleaner, texts: Sequence[str]) -> list[str]:
    """Return the texts cleaned; pages that are spam from end to end are dropped, as a pipeline would."""
    found = contestant.clean_many(texts)
    return ["" if cleaning.status == "spam_page" else cleaning.text for cleaning in found]


def _as_case(made: Any, number: int) -> Case:
    return make_case({"text": made.text, "spans": [list(span) for span in made.spans]}, f"made-{number}")


def _within(place: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in spans)


def _encoded(tokenizer: Any, texts: Sequence[str]) -> Iterator[tuple[list[int], list[tuple[int, int]]]]:
    for start in range(0, len(texts), _BATCH):
        for encoding in tokenizer.encode_batch([_plain(text) for text in texts[start : start + _BATCH]]):
            yield encoding.ids, encoding.offsets


def _compression(tokenizer: Any, texts: Sequence[str]) -> float:
    return bytes_of(texts) / max(1, sum(len(ids) for ids, _ in _encoded(tokenizer, texts)))


def _plain(text: str) -> str:
    """Return the text without lone surrogates, which the library refuses; offsets stay."""
    return text.encode("utf-8", "replace").decode()


def _tables(rows: Sequence[Row]) -> Iterator[Table]:
    for rate in dict.fromkeys(row.rate for row in rows):
        columns = ("tokenizer trained on", "spam tokens %", "bytes/token", "bytes/token of spam", "clean text lost %")
        table = Table(f"{100 * rate:g} % of the documents infected", columns)
        for row in rows:
            if row.rate == rate:
                shares = f"{100 * row.spam_tokens:.2f}", f"{row.compression:.4f}", f"{row.spam_compression:.2f}"
                table.rows.append((row.name, *shares, f"{100 * row.text_lost:.3f}"))
        yield table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with clean/train, clean/dev and spam/phrases.tsv")
    parser.add_argument("--documents", type=int, default=4000, help="documents in the corpus (default: 4000)")
    parser.add_argument("--rates", type=float, nargs="+", default=[0.02, 0.1, 0.3], help="infected shares")
    parser.add_argument("--campaigns", type=int, default=25, help="campaigns that infect (default: 25)")
    parser.add_argument("--vocabulary", type=int, default=16_000, help="tokens (default: 16000)")
    keys = [entry.key for entry in PEERS]
    chosen = ["han", "pycld2", "c4"]
    parser.add_argument("--peers", nargs="*", choices=keys, default=chosen, help=f"default: {' '.join(chosen)}")
    parser.add_argument("--model", type=Path, help="another model than the shipped one")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg", help="draw the share of spam tokens")
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
