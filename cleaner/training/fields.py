"""The template lines of web pages: tags, bylines, archive titles, with their labels in many languages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

_LABELS: Final = {
    "en": ("Tags", "Tag", "By", "Author", "Posted by", "Category", "Keywords", "Filed under", "Source", "Archive",
           "Written by", "Tag Archives", "Topics", "Related", "Label", "Reported by", "Section"),
    "zh": ("标签", "标签归档", "作者", "来源", "分类", "关键词", "编辑", "栏目", "责任编辑", "发布者", "分类目录归档",
           "当前位置", "关键字", "记者", "所属分类"),
    "zh-Hant": ("標籤", "作者", "來源", "分類", "關鍵字", "編輯", "標籤彙整", "發布者"),
    "ja": ("タグ", "カテゴリー", "著者", "投稿者", "キーワード", "出典", "タグ一覧"),
    "ko": ("태그", "카테고리", "작성자", "글쓴이", "키워드", "출처", "분류"),
    "ru": ("Автор", "Метки", "Теги", "Рубрика", "Источник", "Архив метки", "Категория", "Опубликовано"),
    "uk": ("Автор", "Мітки", "Теги", "Рубрика", "Джерело"),
    "id": ("Tag", "Kategori", "Penulis", "Oleh", "Sumber", "Label", "Arsip Tag", "Kata kunci", "Topik"),
    "vi": ("Thẻ", "Tác giả", "Chuyên mục", "Từ khóa", "Nguồn", "Nhãn"),
    "th": ("แท็ก", "ผู้เขียน", "หมวดหมู่", "ป้ายกำกับ", "ที่มา", "คำค้น"),
    "tr": ("Etiketler", "Yazar", "Kategori", "Kaynak", "Anahtar kelimeler", "Etiket arşivi"),
    "ar": ("الوسوم", "الكاتب", "التصنيف", "المصدر", "الكلمات المفتاحية", "وسم"),
    "fa": ("برچسب", "نویسنده", "دسته", "منبع", "کلیدواژه"),
    "hi": ("टैग", "लेखक", "श्रेणी", "स्रोत"),
    "de": ("Schlagwort", "Autor", "Von", "Kategorie", "Quelle", "Schlagwörter", "Stichwort", "Archiv"),
    "fr": ("Étiquettes", "Auteur", "Par", "Catégorie", "Source", "Mots-clés", "Archives par mot-clé"),
    "es": ("Etiquetas", "Autor", "Por", "Categoría", "Fuente", "Palabras clave", "Archivo de la etiqueta"),
    "pt": ("Etiquetas", "Autor", "Por", "Categoria", "Fonte", "Palavras-chave", "Arquivo da tag"),
    "it": ("Etichette", "Autore", "Di", "Categoria", "Fonte", "Parole chiave", "Archivi tag"),
    "pl": ("Tagi", "Autor", "Kategoria", "Źródło", "Słowa kluczowe"),
}  # fmt: skip
_BEFORE: Final = (
    "{label}: ", "{label}: ", "{label}：", "{label} ", "{label} ", "{label} » ", "{label} | ", "{label} - ",
    "{date} {label} ", "{date} | {label}: ", "⏱ {date} 🔖 ", "🔖 ", "📌 {label}: ", "🏷 ", "📅 {date} 👁 {n} 🔖 ", "✍ ",
    "[{label}] ", "{label}:", "#", "{date} / ", "Home > {label} > ", "» ", "👤 ", "{label} / ", "• ",
)  # fmt: skip
_AFTER: Final = (
    "", "", "", "", " 📢{n}", " | {date}", " - {date}", " 👁 {n}", " ({n})", " 💬 {n}", " »", " {date} {time}", " / {n}",
)  # fmt: skip


def field_line(lang: str, lines: Sequence[str], rng: random.Random) -> tuple[str, str]:
    """Return what stands before and after a value in a template line of a page in ``lang`` that holds ``lines``."""
    labels = _LABELS.get(lang) or _LABELS.get(lang[:2]) or _LABELS["en"]
    if rng.random() < 0.2:
        labels = _LABELS[rng.choice(("en", "en", "zh"))]
    year, month, day = rng.randrange(2014, 2027), rng.randrange(1, 13), rng.randrange(1, 29)
    form = rng.choice(("{y}-{m:02d}-{d:02d}", "{y}/{m:02d}/{d:02d}", "{d:02d}.{m:02d}.{y}", "{y}年{m}月{d}日"))
    time = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    values = {
        "label": rng.choice(labels), "date": form.format(y=year, m=month, d=day) + rng.choice(("", "", f" {time}")),
        "time": time, "n": rng.choice((0, rng.randrange(10), rng.randrange(3000))),
    }  # fmt: skip
    before, after = rng.choice(_BEFORE).format(**values), rng.choice(_AFTER).format(**values)
    joint = rng.choice((" | ", " | ", " / ", " · ", "  ", " - "))
    if rng.random() < 0.25:
        before = f"{rng.choice(labels)}: {topic(lines, rng)}{joint}{before}"
    if rng.random() < 0.25:
        after = f"{after}{joint}{rng.choice(labels)}: {topic(lines, rng)}"
    return before, after


def topic(lines: Sequence[str], rng: random.Random) -> str:
    """Return a few words of a page, as its tags and bylines hold."""
    text = " ".join(lines)[:2000]
    words = [word.strip(".,;:!?()\"'«»“”") for word in text.split()]
    if len(words) * 12 < len(text):  # no blanks between words
        at = rng.randrange(max(1, len(text) - 8))
        return "".join(char for char in text[at : at + rng.randrange(2, 9)] if char.isalnum()) or text[:4]
    at = rng.randrange(max(1, len(words) - 3))
    chosen = " ".join(word for word in words[at : at + rng.choice((1, 2, 2, 3))] if word)
    return (chosen.title() if rng.random() < 0.5 else chosen) or text[:10]
