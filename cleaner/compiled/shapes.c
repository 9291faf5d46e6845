/* Shapes that injections take, whatever their words (shapes.py). */

#include "gates.h"

enum { PREFIX = 48, TOKEN = 120, OPENERS = 1 << MARKER | 1 << DIGIT | 1 << OPEN };

static int begins_heading(uint32_t code) {
    return code == 0x3010 || code == 0xFF3B || code == 0x3014 || code == '[' || code == 0x300C;
}

static int is_opener(const Survey *survey, place at) {
    const uint8_t *classes = survey->classes;
    if (classes[at] == MARKER) return classes[at + 1] == BLANK;
    if (classes[at] == DIGIT)
        return classes[at + 1] == STOP && classes[at + 2 < survey->size ? at + 2 : survey->size - 1] == BLANK;
    return classes[at] == OPEN && begins_heading(survey->codes[at]);
}

/* Which kinds of list marker open lines of a page, as bits. */
static unsigned openers_of(const Survey *survey, Py_ssize_t page) {
    unsigned found = 0;
    for (Py_ssize_t line = lower_bound(survey->newlines, survey->lines, survey->first[page] - 1);
         line < survey->lines && survey->newlines[line] < survey->last[page]; line++) {
        uint8_t kind = survey->classes[survey->newlines[line] + 1];
        if (kind < LETTER) found |= 1u << kind & OPENERS;
    }
    return found;
}

static void marker_second(Survey *survey, place at, Py_ssize_t line, Py_ssize_t *page, unsigned *known) {
    place begin = survey->newlines[line] + 1, length = at - 1 - begin;
    if (length < 2 || length > PREFIX || !is_opener(survey, at)) return;
    Py_ssize_t mine = page_of(survey->first, survey->pages, begin);
    if (mine != *page) *page = mine, *known = openers_of(survey, mine);
    if (*known >> survey->classes[at] & 1 && warmest(survey, begin, at - 1) >= survey->cold)
        add_core(survey, begin, at - 1, MARKER_SECOND);
}

/* The token around a place; returns whether it is a new one and not too long. */
static int token(const Survey *survey, place at, place *previous, place *start, place *end) {
    place back = 0, forth = 0;
    while (back < TOKEN && survey->classes[at - back > 0 ? at - back : 0] > BLANK) back++;
    while (forth < TOKEN && survey->classes[at + forth < survey->size ? at + forth : survey->size - 1] > BLANK) forth++;
    *start = at + 1 - (back < TOKEN ? back : 0);
    *end = at + forth;
    int is_new = *start > *previous;
    *previous = *start;
    return is_new && back < TOKEN && forth < TOKEN;
}

static void address(Survey *survey, place at, place *previous) {
    const uint8_t *classes = survey->classes;
    place start, end;
    if (classes[at + 1] != SMALL || classes[at + 2] != SMALL || !is_wordlike(classes[at - 1])) return;
    if (!token(survey, at, previous, &start, &end)) return;
    uint8_t before = classes[start - 1 - (classes[start - 1] == BLANK)];
    if (before == STOP || before == NEWLINE || before == SEPARATOR || before == MARKER)
        add_core(survey, start, end, ADDRESS);
}

static void lower_start(Survey *survey, place stop) {
    const uint8_t *classes = survey->classes;
    if (classes[stop + 1] != BLANK || classes[stop + 2] != SMALL) return;
    if (classes[stop - 1] != SMALL || classes[stop - 2] != SMALL) return;
    place begin = stop + 2, last = survey->size - 1;
    for (place step = 0; step < PHRASE - 1; step++) {
        uint8_t kind = classes[begin + step < last ? begin + step : last];
        if (kind == NEWLINE || kind == STOP || kind == CLOSE) return;
        uint8_t before = step ? classes[begin + step - 1 < last ? begin + step - 1 : last] : 0;
        if (!step || kind != CAPITAL || before != BLANK) continue;
        if (step > 3 && warmest(survey, begin, begin + step - 1) >= survey->cold)
            add_core(survey, begin, begin + step - 1, LOWER_START);
        return;
    }
}

static void brand(Survey *survey, place at, place *previous) {
    const uint8_t *classes = survey->classes;
    for (int back = 1; back <= 3; back++)
        if (classes[at - back] != SMALL && classes[at - back] != CAPITAL) return;
    place next = at + 1, start, end;
    while (next < survey->size && classes[next] >= LETTER) next++;
    if (next >= survey->size || classes[next] != DIGIT) return;
    if (token(survey, at, previous, &start, &end) && warmest(survey, start, end) >= survey->cold)
        add_core(survey, start, end, BRAND);
}

static int opens_sentence(const Survey *survey, place at) {
    const uint32_t step = 0xC2B2AE35u, *hashes = survey->hashes + at;
    int unspaced = survey->unspaced[survey->classes[at]];
    uint32_t row = hashes[0] * step + hashes[1];
    if (!unspaced) row = (row * step + hashes[2]) * step + hashes[3];
    return survey->openings[row >> 16] >= (unspaced ? 0 : survey->opens);
}

static void seam(Survey *survey, place blank, place barrier, place *previous) {
    const uint8_t *classes = survey->classes;
    if (!survey->opening[classes[blank + 1]] || !is_wordlike(classes[blank - 1])) return;
    if (blank - barrier > PREFIX + 2 || (classes[barrier] != NEWLINE && classes[barrier] != STOP)) return;
    place start = barrier + 1 + (classes[barrier + 1] == BLANK), length = blank - start;
    if (length < 2 || length > PREFIX || !opens_sentence(survey, blank + 1) || start == *previous) return;
    *previous = start;
    if (stands_out(survey, start, blank, survey->contrast_seam)) add_core(survey, start, blank, SEAM);
}

void shapes(Survey *survey) {
    const uint8_t *classes = survey->classes;
    Py_ssize_t line = 0, page = -2;
    place barrier = 0, dotted = -1, branded = -1, seamed = -1;
    unsigned known = 0;
    for (Py_ssize_t mark = 2; mark < survey->mark_count - 3; mark++) { /* line ends before and after all pages */
        place at = survey->marks[mark];
        uint8_t kind = classes[at];
        while (line + 1 < survey->lines && survey->newlines[line + 1] < at) line++;
        if (classes[at - 1] == BLANK && (kind == MARKER || kind == DIGIT || kind == OPEN))
            marker_second(survey, at, line, &page, &known);
        if (kind == BLANK) seam(survey, at, barrier, &seamed);
        if (kind == DIGIT) brand(survey, at, &branded);
        if (kind == STOP) {
            address(survey, at, &dotted);
            lower_start(survey, at);
        }
        if (kind == NEWLINE || (kind >= STOP && kind <= SEPARATOR)) barrier = at;
    }
}
