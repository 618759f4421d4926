// The figures that clients print: answers by server, latencies by share.

#include "labnet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tally_add(struct tally *tally, const char *body) {
    char name[32] = "";
    snprintf(name, sizeof name, "%.*s", (int)strcspn(body, " \r\n\"\\"), body);
    int place = 0;
    while (place < tally->count && strcmp(tally->servers[place].name, name)) place++;
    if (place == 256) return;
    if (place == tally->count) strcpy(tally->servers[tally->count++].name, name);
    tally->servers[place].answers++;
}

static int by_name(const void *left, const void *right) {
    return strcmp(left, right);  // the name is the first thing in the record
}

void tally_print(struct tally *tally) {
    qsort(tally->servers, (size_t)tally->count, sizeof *tally->servers, by_name);
    printf("{");
    for (int i = 0; i < tally->count; i++)
        printf("%s\"%s\":%ld", i ? "," : "", tally->servers[i].name, tally->servers[i].answers);
    printf("}");
}

void latencies_add(struct latencies *latencies, double seconds) {
    if (latencies->count == latencies->room) {
        latencies->room = latencies->room ? latencies->room * 2 : 4096;
        latencies->seconds = realloc(latencies->seconds, latencies->room * sizeof(double));
    }
    latencies->seconds[latencies->count++] = seconds;
}

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double latencies_ms(struct latencies *latencies, double share) {
    if (latencies->count == 0) return 0;
    qsort(latencies->seconds, latencies->count, sizeof(double), by_value);
    size_t last = latencies->count - 1;
    size_t place = (size_t)(share * (double)latencies->count);
    return 1e3 * latencies->seconds[place < last ? place : last];
}
