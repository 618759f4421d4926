// labnet open: an open loop against one address; one line of figures when it is over.

#include "openloop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct tally tally;
static struct latencies latencies;
static long failed;
static struct open_loop loop;

static void finished(void *owner, int target, double latency, const char *body) {
    (void)owner, (void)target;
    if (!body) {
        failed++;
        return;
    }
    latencies_add(&latencies, latency);
    tally_add(&tally, body);
}

static void end(int signal) {
    (void)signal;
    loop.over = true;
}

int open_command(int count, char **words) {
    struct address target = parse_address(words[0]);
    uint64_t seed = count > 3 ? strtoull(words[3], NULL, 10) : 1;
    loop = (struct open_loop){
        .rate = strtod(words[1], NULL),
        .seconds = strtod(words[2], NULL),
        .patience = 15,
        .dice = dice_for_seed(seed),
        .targets = &target,
        .sources = count > 4 ? parse_sources(words[4]) : (struct sources){0},
        .source_dice = dice_for_name(seed, "sources"),
        .finished = finished,
    };
    // Whoever has seen enough need not wait for the rest.
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    run_open_loop(&loop);
    // Nobody waits for ever: what is still open now was no answer.
    printf("{\"sent\":%ld,\"answered\":%zu,\"errors\":%ld,\"unanswered\":%ld,"
           "\"p50_ms\":%.2f,\"p90_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,"
           "\"late_mean_ms\":%.2f,\"late_max_ms\":%.2f,\"servers\":",
           loop.sent, latencies.count, failed + loop.unanswered, loop.unanswered,
           latencies_ms(&latencies, .5), latencies_ms(&latencies, .9),
           latencies_ms(&latencies, .99), latencies_ms(&latencies, 1),
           loop.sent ? 1e3 * loop.late_sum / (double)loop.sent : 0, 1e3 * loop.late_most);
    tally_print(&tally);
    printf("}\n");
    return 0;
}
