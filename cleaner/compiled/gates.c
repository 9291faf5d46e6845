/* Where to look closer (gates.py): cores from words, scripts and short lines. The shapes are in shapes.c. */

#include "gates.h"

int16_t warmest(const Survey *survey, place start, place end) {
    place stop = end - WINDOW / 2 > start + 1 ? end - WINDOW / 2 : start + 1, last = survey->size - WINDOW;
    if (start > last) start = last;
    if (stop > last) stop = last;
    int16_t best = survey->sums[start];
    for (place at = start + 1; at < stop; at++)
        if (survey->sums[at] > best) best = survey->sums[at];
    return best;
}

void add_core(Survey *survey, place start, place end, place gate) {
    add_place(&survey->cores, start);
    add_place(&survey->cores, end);
    add_place(&survey->cores, gate);
}

int stands_out(const Survey *survey, place start, place end, double least) {
    int64_t sum = 0;
    for (place at = start; at < end; at++) sum += survey->scores[at];
    double weight = (double)(sum * WINDOW) / (double)(end - start);
    return weight - survey->usual[page_of(survey->first, survey->pages, start)] >= least;
}

static int at_seam(const Survey *survey, place start, place end) {
    place last = survey->size - 1;
    for (place step = 0; step <= survey->near_seam; step++) {
        place before = start - 1 - step > 0 ? start - 1 - step : 0, after = end + step < last ? end + step : last;
        if (survey->seams[survey->classes[before]] || survey->seams[survey->classes[after]]) return 1;
    }
    return warmest(survey, start, end) >= survey->hottest;
}

static void hot_words(Survey *survey) {
    place start = -1, end = 0, line = -1;
    for (Py_ssize_t number = 0; number < survey->hots; number++) {
        place at = survey->hot_places[number], stop = at + WINDOW;
        /* A window that begins on line ends or blanks belongs to the text after them. */
        while (at < stop && survey->classes[at < survey->size ? at : survey->size - 1] <= BLANK) at++;
        if (at >= stop) continue;
        Py_ssize_t mine = lower_bound(survey->newlines, survey->lines, at);
        place close = survey->newlines[mine < survey->lines ? mine : survey->lines - 1];
        if (stop > close) stop = close;
        if (start >= 0 && (at > end || mine != line)) {
            if (at_seam(survey, start, end)) add_core(survey, start, end, WORDS);
            start = -1;
        }
        if (start < 0) start = at, end = stop, line = mine;
        if (stop > end) end = stop;
    }
    if (start >= 0 && at_seam(survey, start, end)) add_core(survey, start, end, WORDS);
}

enum { GAP = 3, TAIL = 8 };

static int is_apart(const Survey *survey, place one, place other) {
    if (other - one > GAP + 1) return 1;
    for (place at = one + 1; at < other; at++)
        if (survey->barriers[survey->classes[at]]) return 1;
    return 0;
}

/* Digits and letters glued to a run belong to it; a longer tail is a word of the host. */
static void glue(const Survey *survey, place *start, place *end) {
    place tail = *end;
    for (int step = 0; step < TAIL; step++) {
        tail += is_wordlike(survey->classes[tail]);
        *start -= survey->classes[*start - 1] == DIGIT;
    }
    if (!is_wordlike(survey->classes[tail])) *end = tail;
}

static void keep_runs(Survey *survey, const place *runs, Py_ssize_t count) {
    for (Py_ssize_t one = 0, other; one < count; one = other) {
        Py_ssize_t page = page_of(survey->first, survey->pages, runs[2 * one]);
        for (other = one + 1; other < count && page_of(survey->first, survey->pages, runs[2 * other]) == page;) other++;
        for (Py_ssize_t run = one; run < other; run++)
            if (other - one <= survey->most_runs || warmest(survey, runs[2 * run], runs[2 * run + 1]) > 0)
                add_core(survey, runs[2 * run], runs[2 * run + 1], SCRIPT);
    }
}

static void other_scripts(Survey *survey) {
    Places runs = {0};
    for (Py_ssize_t one = 0, other; one < survey->foreigns; one = other) {
        for (other = one + 1; other < survey->foreigns; other++)
            if (is_apart(survey, survey->foreign[other - 1], survey->foreign[other])) break;
        place start = survey->foreign[one], end = survey->foreign[other - 1] + 1;
        glue(survey, &start, &end);
        if (warmest(survey, start, end) < survey->cold) continue;
        add_place(&runs, start);
        add_place(&runs, end);
    }
    keep_runs(survey, runs.items, runs.count / 2);
    survey->cores.failed |= runs.failed;
    free(runs.items);
}

static void short_lines(Survey *survey) {
    for (Py_ssize_t line = 1; line < survey->lines; line++) {
        place start = survey->newlines[line - 1] + 1, end = survey->newlines[line], length = end - start;
        if (length < SHORTEST_LINE || length > PHRASE) continue;
        Py_ssize_t page = page_of(survey->first, survey->pages, start);
        if (length * 3 >= survey->last[page] - survey->first[page] || warmest(survey, start, end) < 0) continue;
        if (stands_out(survey, start, end, survey->contrast_line)) add_core(survey, start, end, SHORT_LINE);
    }
}

static int compare(const void *one, const void *other) {
    const place *a = one, *b = other;
    for (int column = 0; column < 3; column++)
        if (a[column] != b[column]) return a[column] < b[column] ? -1 : 1;
    return 0;
}

Survey take_survey(const Py_buffer *views) {
    Survey survey = {0};
    survey.size = COUNT(uint8_t, views[0]), survey.classes = ITEMS(uint8_t, views[0]);
    survey.scores = ITEMS(int16_t, views[1]), survey.sums = ITEMS(int16_t, views[2]);
    survey.newlines = ITEMS(place, views[3]), survey.lines = COUNT(place, views[3]);
    survey.hot_places = ITEMS(place, views[4]), survey.hots = COUNT(place, views[4]);
    survey.foreign = ITEMS(place, views[5]), survey.foreigns = COUNT(place, views[5]);
    survey.first = ITEMS(place, views[6]), survey.pages = COUNT(place, views[6]);
    survey.last = ITEMS(place, views[7]), survey.usual = ITEMS(double, views[8]);
    return survey;
}

/* cores(classes, scores, sums, newlines, hot_places, foreign, first, last, usual, codes, hashes, marks, openings,
   tables, limits, contrasts): starts, ends and gates of all cores, one after the other, sorted. The tables say of each
   class whether it is a seam, a barrier, a letter that may open a sentence, a letter without blanks between words. */
PyObject *core_cores(PyObject *self, PyObject *args) {
    Py_buffer views[14];
    Py_ssize_t near_seam, most_runs;
    int cold, opens;
    double hottest, contrast_line, contrast_seam;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*y*y*y*y*y*(nnii)(ddd)", &views[0], &views[1], &views[2], &views[3],
                          &views[4], &views[5], &views[6], &views[7], &views[8], &views[9], &views[10], &views[11],
                          &views[12], &views[13], &near_seam, &most_runs, &cold, &opens, &hottest, &contrast_line,
                          &contrast_seam))
        return NULL;
    Survey survey = take_survey(views);
    survey.codes = ITEMS(uint32_t, views[9]), survey.hashes = ITEMS(uint32_t, views[10]);
    survey.marks = ITEMS(place, views[11]), survey.mark_count = COUNT(place, views[11]);
    survey.openings = ITEMS(int8_t, views[12]);
    const uint8_t *tables = ITEMS(uint8_t, views[13]);
    survey.seams = tables, survey.barriers = tables + 256;
    survey.opening = tables + 512, survey.unspaced = tables + 768;
    survey.near_seam = near_seam, survey.most_runs = most_runs, survey.cold = cold, survey.opens = opens;
    survey.hottest = hottest, survey.contrast_line = contrast_line, survey.contrast_seam = contrast_seam;
    Py_BEGIN_ALLOW_THREADS
    hot_words(&survey);
    other_scripts(&survey);
    shapes(&survey);
    short_lines(&survey);
    if (survey.cores.count) qsort(survey.cores.items, (size_t)survey.cores.count / 3, 3 * sizeof(place), compare);
    Py_END_ALLOW_THREADS
    give_back(views, 14);
    return as_bytes(&survey.cores);
}
