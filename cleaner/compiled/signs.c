/* Where marks, line ends, promotional words and letters of other scripts stand (signs.py, switch.py). */

#include "core.h"

/* Loops over blocks of this size, without a branch, are what compilers turn into loops over vectors. */
enum { SLICE = 64, SAMPLE = 32 };

/* By doubling: sums of two, of four, of eight. Without a sign, so that they may run over as the twin's do. */
static void window_sums(const uint16_t *scores, Py_ssize_t count, uint16_t *sums) {
    for (Py_ssize_t start = 0; start < count; start += SLICE) {
        uint16_t twos[SLICE + 6], fours[SLICE + 4];
        int wanted = (int)(count - start < SLICE ? count - start : SLICE);
        const uint16_t *here = scores + start;
        for (int at = 0; at < wanted + 6; at++) twos[at] = (uint16_t)(here[at] + here[at + 1]);
        for (int at = 0; at < wanted + 4; at++) fours[at] = (uint16_t)(twos[at] + twos[at + 2]);
        for (int at = 0; at < wanted; at++) sums[start + at] = (uint16_t)(fours[at] + fours[at + 4]);
    }
}

static void hot_windows(const int16_t *sums, Py_ssize_t count, int hot, Places *found) {
    for (Py_ssize_t start = 0; start < count; start += SLICE) {
        Py_ssize_t stop = start + SLICE < count ? start + SLICE : count;
        int16_t most = INT16_MIN;
        for (Py_ssize_t at = start; at < stop; at++) most = sums[at] > most ? sums[at] : most;
        if (most < hot) continue;
        for (Py_ssize_t at = start; at < stop; at++)
            if (sums[at] >= hot) add_place(found, at);
    }
}

static void foreign_letters(const uint8_t *classes, place first, place last, const uint8_t *allowed, Places *found) {
    for (place start = first; start < last; start += SLICE) {
        place stop = start + SLICE < last ? start + SLICE : last;
        uint8_t most = 0;
        for (place at = start; at < stop; at++) most = classes[at] > most ? classes[at] : most;
        if (most < LETTER + 2) continue;
        for (place at = start; at < stop; at++)
            if (classes[at] >= LETTER + 2 && !allowed[(classes[at] - LETTER) >> 1]) add_place(found, at);
    }
}

static double usual(const int16_t *sums, place first, place last) {
    int64_t sum = 0;
    for (place step = 0; step < SAMPLE; step++) sum += sums[first + (last - first) * step / SAMPLE];
    return (double)sum / SAMPLE;
}

/* The places of all marks. Which characters are marks no rule says, so each place is written down and only the counting
   depends on it: no branch to guess wrong. */
static PyObject *all_marks(const uint8_t *classes, Py_ssize_t size) {
    Py_ssize_t count = 0, found = 0;
    for (Py_ssize_t start = 0; start < size; start += SLICE) {
        Py_ssize_t stop = start + SLICE < size ? start + SLICE : size;
        uint8_t some = 0;
        for (Py_ssize_t at = start; at < stop; at++) some = (uint8_t)(some + (classes[at] < LETTER));
        count += some;
    }
    PyObject *made = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(place));
    if (!made) return NULL;
    place *items = (place *)PyBytes_AS_STRING(made);
    for (Py_ssize_t at = 0; found < count; at++) {
        items[found] = at;
        found += classes[at] < LETTER;
    }
    return made;
}

static void line_ends(const uint8_t *classes, PyObject *marks, Places *found) {
    const place *items = (const place *)PyBytes_AS_STRING(marks);
    Py_ssize_t count = PyBytes_GET_SIZE(marks) / (Py_ssize_t)sizeof(place);
    for (Py_ssize_t number = 0; number < count; number++)
        if (classes[items[number]] == NEWLINE) add_place(found, items[number]);
}

/* signs(classes, scores, hot, first, last, hosts, allowed, sums, usual): fills the last two; returns the places of all
   marks, line ends, hot windows and foreign letters. allowed[host, script] says which scripts are no surprise. */
PyObject *core_signs(PyObject *self, PyObject *args) {
    Py_buffer views[8];
    int hot;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*iy*y*y*y*w*w*", &views[0], &views[1], &hot, &views[2], &views[3], &views[4],
                          &views[5], &views[6], &views[7]))
        return NULL;
    const uint8_t *classes = ITEMS(uint8_t, views[0]);
    const place *first = ITEMS(place, views[2]), *last = ITEMS(place, views[3]), *hosts = ITEMS(place, views[4]);
    int16_t *sums = ITEMS(int16_t, views[6]);
    Py_ssize_t size = COUNT(uint8_t, views[0]), pages = COUNT(place, views[2]);
    Places newlines = {0}, warm = {0}, foreign = {0};
    Py_BEGIN_ALLOW_THREADS
    window_sums(ITEMS(uint16_t, views[1]), size - WINDOW + 1, (uint16_t *)sums);
    hot_windows(sums, size - WINDOW + 1, hot, &warm);
    for (Py_ssize_t page = 0; page < pages; page++) {
        foreign_letters(classes, first[page], last[page], ITEMS(uint8_t, views[5]) + hosts[page] * (SCRIPTS + 1),
                        &foreign);
        ITEMS(double, views[7])[page] = usual(sums, first[page], last[page]);
    }
    Py_END_ALLOW_THREADS
    PyObject *marks = all_marks(classes, size);
    if (marks) line_ends(classes, marks, &newlines);
    give_back(views, 8);
    return Py_BuildValue("NNNN", marks, as_bytes(&newlines), as_bytes(&warm), as_bytes(&foreign));
}
