/* The script and the language of whole pages (switch.py, language.py). */

#include "core.h"

enum { SAMPLE = 64, CELLS = SCRIPTS + 1 };

static place main_script(const uint8_t *classes, place first, place last) {
    int64_t counts[CELLS] = {0};
    int letters = 0, others = 0;
    for (place step = 0; step < SAMPLE; step++) {
        uint8_t kind = classes[first + (last - first) * step / SAMPLE];
        if (kind < LETTER) continue;
        letters = 1;
        others |= kind >= LETTER + 2;
        int script = (kind - LETTER) >> 1;
        counts[script < SCRIPTS ? script : SCRIPTS]++;
    }
    if (!letters) return SCRIPTS;
    if (!others) return LATIN;
    counts[SCRIPTS] = 0;
    int64_t eastern = counts[HAN] + counts[KANA];
    int japanese = (double)counts[KANA] > 0.05 * (double)eastern;
    counts[KANA] = japanese ? eastern : 0;
    if (japanese) counts[HAN] = 0;
    place best = 0;
    for (int script = 1; script < CELLS; script++) counts[script] *= 2;
    for (int script = 1; script < CELLS; script++)
        if (counts[script] > counts[best]) best = script;
    return counts[best] ? best : SCRIPTS;
}

/* host_scripts(classes, first, last, found) */
PyObject *core_host_scripts(PyObject *self, PyObject *args) {
    Py_buffer views[4];
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*w*", &views[0], &views[1], &views[2], &views[3])) return NULL;
    const place *first = ITEMS(place, views[1]), *last = ITEMS(place, views[2]);
    place *found = ITEMS(place, views[3]);
    Py_ssize_t pages = COUNT(place, views[1]);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t page = 0; page < pages; page++)
        found[page] = main_script(ITEMS(uint8_t, views[0]), first[page], last[page]);
    Py_END_ALLOW_THREADS
    give_back(views, 4);
    Py_RETURN_NONE;
}

enum { WIDTH = 40, WINDOWS = 2, MOST_LANGUAGES = 256 };
static const double WINDOW_AT[WINDOWS] = {0.1, 0.6};
static const uint32_t TRIGRAM_STEP = 0x85EBCA6Bu;

static void add_row(int16_t *restrict sums, const int8_t *restrict row, int languages) {
    for (int language = 0; language < languages; language++) sums[language] = (int16_t)(sums[language] + row[language]);
}

static place best_language(const uint32_t *hashes, place first, place last, const int8_t *rows, int languages,
                           int shift, const uint8_t *allowed) {
    int16_t sums[MOST_LANGUAGES] = {0};
    uint32_t letters[WIDTH + 2];
    const int8_t *asked[WIDTH];
    for (int window = 0; window < WINDOWS; window++) {
        place begin = first + (place)((double)(last - first) * WINDOW_AT[window]);
        for (int at = 0; at < WIDTH + 2; at++) letters[at] = hashes[begin + at <= last + 1 ? begin + at : last + 1];
        for (int at = 0; at < WIDTH; at++) {
            uint32_t mixed = (letters[at] * TRIGRAM_STEP + letters[at + 1]) * TRIGRAM_STEP + letters[at + 2];
            asked[at] = rows + (size_t)(mixed >> shift) * (size_t)languages;
            PREFETCH(asked[at]);
            PREFETCH(asked[at] + languages - 1);
        }
        for (int at = 0; at < WIDTH; at++) add_row(sums, asked[at], languages);
    }
    place best = -1;
    int most = -2;
    for (int language = 0; language < languages; language++) {
        int sum = allowed[language] ? sums[language] : -1;
        if (sum > most) most = sum, best = language;
    }
    return best;
}

/* hosts(hashes, first, last, scripts, rows, languages, shift, allowed, tabled, shortest, found) */
PyObject *core_hosts(PyObject *self, PyObject *args) {
    Py_buffer views[8];
    int languages, shift;
    long long shortest;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*iiy*y*Lw*", &views[0], &views[1], &views[2], &views[3], &views[4],
                          &languages, &shift, &views[5], &views[6], &shortest, &views[7]))
        return NULL;
    const place *first = ITEMS(place, views[1]), *last = ITEMS(place, views[2]), *scripts = ITEMS(place, views[3]);
    const uint8_t *allowed = ITEMS(uint8_t, views[5]), *tabled = ITEMS(uint8_t, views[6]);
    place *found = ITEMS(place, views[7]);
    Py_ssize_t pages = COUNT(place, views[1]);
    if (languages <= MOST_LANGUAGES) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t page = 0; page < pages; page++)
            found[page] = tabled[scripts[page]] && last[page] - first[page] >= shortest
                              ? best_language(ITEMS(uint32_t, views[0]), first[page], last[page],
                                              ITEMS(int8_t, views[4]), languages, shift,
                                              allowed + scripts[page] * languages)
                              : -1;
        Py_END_ALLOW_THREADS
    } else {
        PyErr_Format(PyExc_ValueError, "%d languages, %d at most", languages, MOST_LANGUAGES);
    }
    give_back(views, 8);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}
