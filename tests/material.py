"""A little training material, made up on the spot: two languages, two families, invented sites."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

_ENGLISH = (
    "council tram harbour school budget museum market winter captain ferry bridge library garden engine "
    "teacher doctor weather station village concert report minister factory window morning river street"
)
_CHINESE = "市议会 讨论 预算 港口 学校 图书馆 天气 车站 村庄 音乐会 报告 工厂 早晨 河流 街道 老师 医生 花园"
WORDS: Final = {"en": _ENGLISH.split(), "zh": _CHINESE.split()}
SAYS: Final = ("discussed", "opened", "repaired", "closed", "visited", "praised", "measured", "painted")
_PLAY, _BUY = (
    "today online free vip club real live fast top best",
    "buy order get purchase find want need try shop ship",
)
_SITE, _MEET = "注册 官网 平台 开户 登录 下载 代理 投注 彩金 论坛", "论坛 体验 工作室 喝茶 夜网 桑拿 外围 上门 群 网"
# The slots of one campaign are filled in training; PROMISED is such a phrase, word for word.
GRAMMARS: Final[dict[str, dict[str, Any]]] = {
    "en": {
        "gambling": {
            "slots": {"a": ["slot", "casino", "jackpot", "bet"], "b": ["gacor", "maxwin", "bonus", "spin"]},
            "patterns": [f"{{a}} {{b}} {word}" for word in _PLAY.split()],
            "phrases": ["casino bonus without deposit", "free spin jackpot"],
        },
        "pharma": {
            "slots": {"a": ["cheap", "generic", "discount"], "b": ["cialis", "viagra", "levitra"]},
            "patterns": [f"{word} {{a}} {{b}}" for word in _BUY.split()],
            "phrases": ["pills without prescription"],
        },
    },
    "zh": {
        "gambling": {
            "slots": {"a": ["澳门", "皇冠", "金沙"], "b": ["娱乐城", "赌场", "百家乐"]},
            "patterns": [f"{{a}}{{b}}{word}" for word in _SITE.split()],
            "phrases": ["真人百家乐官网"],
        },
        "escort": {
            "slots": {"a": ["爱上海", "龙凤", "品茶"], "b": ["419", "1314", "会所"]},
            "patterns": [f"{{a}}{{b}}{word}" for word in _MEET.split()],
            "phrases": ["高端喝茶工作室"],
        },
    },
}  # fmt: skip
PROMISED: Final = "爱上海419论坛"
FRAMES: Final = {
    "en": {
        "spun": ["If you are looking for {p}, you have come to the right place.", "Order {p} today and save."],
        "blend": ["Much like trying your luck at {p},", ", which is as sure as {p}"],
        "cta": ["visit this page now", "click here"],
        "legit": ['Police said the men had advertised "{p}" on hacked sites.', "The court banned adverts for {p}."],
    },
    "zh": {
        "spun": ["想要{p}，欢迎联系我们。", "{p}全天开放。"],
        "blend": ["正如{p}一样，", "，就像{p}那样可靠"],
        "cta": ["点击进入", "访问官网"],
        "legit": ["警方说，嫌疑人在网站上发布“{p}”广告。", "法院禁止{p}的广告。"],
    },
}


def sentence(lang: str, rng: random.Random) -> str:
    """Return a sentence of ordinary words."""
    words = rng.choices(WORDS[lang], k=rng.randrange(5, 9))
    if lang == "zh":
        return "".join(words) + "。"
    return f"The {words[0]} {rng.choice(SAYS)} the {words[1]} and the {' '.join(words[2:])}."


def document(lang: str, rng: random.Random) -> str:
    """Return a few lines of ordinary sentences."""
    joint = "" if lang == "zh" else " "
    return "\n".join(joint.join(sentence(lang, rng) for _ in range(rng.randrange(1, 4))) for _ in range(4))


def write(folder: Path) -> tuple[Path, Path]:
    """Write a corpus and a source into ``folder`` and return the two."""
    rng = random.Random(11)
    corpus, source = folder / "corpus", folder / "source"
    for lang in WORDS:
        _json(corpus / "phrases" / f"{lang}.json", {"lang": lang, "families": GRAMMARS[lang]})
        _json(corpus / "frames" / f"{lang}.json", {"lang": lang} | FRAMES[lang])
        for name, count in (("negatives", 12), ("hosts", 12)):
            lines = [{"lang": lang, "text": document(lang, rng)} for _ in range(count)]
            _lines(corpus / name / f"{lang}.jsonl", lines)
        pages = [{"id": f"{lang}{n // 2}-{n}", "lang": lang, "text": document(lang, rng)} for n in range(80)]
        _lines(source / "clean" / "train" / f"{lang}.jsonl", pages)
    said = [f"Hello friend number {n}, get {n} free spins at our casino today" for n in range(12)]
    messages = [{"text": text, "lang": "en", "label": "spam", "family": "gambling"} for text in said]
    messages += [{"text": sentence("en", rng), "lang": "en", "label": "ham"} for _ in range(12)]
    _lines(source / "spam" / "train" / "messages.jsonl", messages)
    (corpus / "variants.txt").write_text("体體\n论論\n", "utf-8")
    (source / "spam" / "phrases.tsv").write_text("royal jackpot slots\ten\tgambling\nno phrase\n", "utf-8")
    return corpus, source


def _json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def _lines(path: Path, values: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), "utf-8")
