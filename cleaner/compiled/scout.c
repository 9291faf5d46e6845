/* What is known of each core at a glance (scout.py). */

#include "gates.h"

enum { COLUMNS = 20, FARTHEST = 400 };

typedef struct {
    const place *items;
    Py_ssize_t count;
} Sorted;

static place count_in(Sorted places, place start, place end) {
    return lower_bound(places.items, places.count, end) - lower_bound(places.items, places.count, start);
}

static float kind_of(uint8_t kind) { return (float)(kind >= LETTER ? LETTER + (kind & 1) : kind); }

static float alike(const place *gates, Py_ssize_t one, Py_ssize_t other, place gate) {
    int count = 0;
    for (Py_ssize_t core = one; core < other; core++) count += gates[core] == gate;
    return (float)count;
}

static place gate_number(place gate) {
    place number = 0;
    while (gate >>= 1) number++;
    return number;
}

static void glance(const Survey *survey, double scale, place start, place end, Py_ssize_t page, float *row) {
    const uint8_t *classes = survey->classes;
    Sorted hot = {survey->hot_places, survey->hots}, foreign = {survey->foreign, survey->foreigns};
    Py_ssize_t line = lower_bound(survey->newlines, survey->lines, start);
    place begin = survey->newlines[line > 0 ? line - 1 : 0] + 1;
    place finish = survey->newlines[line < survey->lines ? line : survey->lines - 1];
    place first = survey->first[page], last = survey->last[page], length = end - start, sum = 0, blanks = 0;
    for (place at = start; at < end; at++) {
        sum += survey->scores[at];
        blanks += classes[at] == BLANK;
    }
    double mean = (double)(sum * WINDOW) / (double)length, usual = survey->usual[page];
    place before = start - WINDOW > begin ? start - WINDOW : begin, after = end < finish - 1 ? end : finish - 1;
    place left = start - 1 - (classes[start - 1] == BLANK), right = end + (classes[end] == BLANK);
    row[1] = (float)(warmest(survey, start, end) * scale);
    row[2] = (float)(mean * scale);
    row[3] = (float)((mean - usual) * scale);
    row[4] = (float)(usual * scale);
    row[5] = (float)(survey->sums[before] * scale);
    row[6] = (float)(survey->sums[after] * scale);
    row[7] = (float)(count_in(hot, begin, finish) - count_in(hot, start, end));
    row[8] = (float)count_in(hot, first, last);
    row[10] = (float)length;
    row[11] = (float)blanks;
    row[12] = (float)((double)count_in(foreign, start, end) / (double)length);
    row[13] = (float)count_in(foreign, first, last);
    row[14] = (float)(start - begin < FARTHEST ? start - begin : FARTHEST);
    row[15] = (float)(finish - end < FARTHEST ? finish - end : FARTHEST);
    row[16] = (float)(last - first);
    row[17] = kind_of(classes[left]);
    row[18] = kind_of(classes[right < finish ? right : finish]);
    row[19] = classes[start] >= LETTER && (classes[start] & 1);
}

/* glances(classes, scores, sums, newlines, hot_places, foreign, first, last, usual, starts, ends, gates, scale, rows):
   fills the rows. */
PyObject *core_glances(PyObject *self, PyObject *args) {
    Py_buffer views[13];
    double scale;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*y*y*y*dw*", &views[0], &views[1], &views[2], &views[3], &views[4],
                          &views[5], &views[6], &views[7], &views[8], &views[9], &views[10], &views[11], &scale,
                          &views[12]))
        return NULL;
    const Survey survey = take_survey(views);
    const place *starts = ITEMS(place, views[9]), *ends = ITEMS(place, views[10]), *gates = ITEMS(place, views[11]);
    float *rows = ITEMS(float, views[12]);
    Py_ssize_t cores = COUNT(place, views[9]);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t one = 0, other; one < cores; one = other) {
        Py_ssize_t page = page_of(survey.first, survey.pages, starts[one]);
        place next = page + 1 < survey.pages ? survey.first[page + 1] : survey.size;
        for (other = one + 1; other < cores && starts[other] < next;) other++;
        float same[8];
        for (int gate = 0; gate < 8; gate++) same[gate] = alike(gates, one, other, (place)1 << gate);
        for (Py_ssize_t core = one; core < other; core++) {
            float *row = rows + core * COLUMNS;
            row[0] = (float)gate_number(gates[core]);
            row[9] = same[gate_number(gates[core])];
            glance(&survey, scale, starts[core], ends[core], page, row);
        }
    }
    Py_END_ALLOW_THREADS
    give_back(views, 13);
    Py_RETURN_NONE;
}
