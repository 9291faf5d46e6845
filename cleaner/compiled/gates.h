/* What gates.c and shapes.c share. */

#ifndef CLEANER_GATES_H
#define CLEANER_GATES_H

#include "core.h"

/* cleaner/gates.py */
enum {
    WORDS = 1, SCRIPT = 2, MARKER_SECOND = 4, ADDRESS = 8, BRAND = 16, LOWER_START = 32, SEAM = 64, SHORT_LINE = 128
};
enum { SHORTEST_LINE = 3, PHRASE = 64 };

typedef struct {
    Py_ssize_t size, mark_count, lines, hots, foreigns, pages;
    const uint8_t *classes;
    const uint32_t *codes, *hashes;
    const int16_t *scores, *sums;
    const place *marks, *newlines, *hot_places, *foreign, *first, *last;
    const double *usual;
    const int8_t *openings;
    const uint8_t *seams, *barriers, *opening, *unspaced;
    Py_ssize_t near_seam, most_runs;
    int cold, opens;
    double hottest, contrast_line, contrast_seam;
    Places cores; /* start, end, gate; start, end, gate; ... */
} Survey;

Survey take_survey(const Py_buffer *views); /* classes to usual, as core.cores takes them */
int16_t warmest(const Survey *survey, place start, place end);
int stands_out(const Survey *survey, place start, place end, double least);
void add_core(Survey *survey, place start, place end, place gate);
void shapes(Survey *survey);

#endif
