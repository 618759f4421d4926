// labnet: the emulated servers and the clients of the lab and of the demo, in one static program.

#include "labnet.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *usage;
    int fewest;
    int (*run)(int count, char **words);
} commands[] = {
    {"serve", "NAME [ADDRESS:]PORT [CAPACITY [SEED]]   a server that carries CAPACITY requests/s", 2,
     serve_command},
    {"get", "ADDRESS:PORT PATH   print what the server answers", 2, get_command},
    {"seq", "ADDRESS:PORT COUNT [FROM]   connections one after another; counts by server", 2,
     seq_command},
    {"hold",
     "ADDRESS:PORT SECONDS [INTERVAL_MS]   one connection, pinged all the time; SIGTERM\n"
     "                  ends it early",
     2,
     hold_command},
    {"crowd",
     "ADDRESS:PORT COUNT INTERVAL_MS [FROM]   COUNT connections, each pinged every\n"
     "                  INTERVAL_MS, until standard input ends. Each line of it is answered by one of\n"
     "                  figures; `leave NAME N` first ends N of those that this server has",
     3, crowd_command},
    {"open",
     "ADDRESS:PORT RATE SECONDS [SEED [FROM]]   open loop of Poisson arrivals; SIGTERM\n"
     "                  ends it early. FROM is a range such as 10.1.0.0/16: each connection has\n"
     "                  another of its addresses",
     3, open_command},
    {"balance",
     "[--rate R] [--secs S] [--seed N] [--scheduler sed|wlc|wrr] ADDRESS:PORT...\n"
     "                  the same, but it schedules over the targets itself; `w W1 W2 ...` on\n"
     "                  standard input sets their weights",
     1, balance_command},
    {"netlink",
     "SERVICES DESTINATIONS ROUNDS [gather]   sets the weights of so many destinations of each service\n"
     "                  by netlink, for script/bench apply",
     3, netlink_command},
};

int main(int count, char **words) {
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (count >= 2 + commands[i].fewest && !strcmp(words[1], commands[i].name))
            return commands[i].run(count - 2, words + 2);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, "  labnet %-8s %s\n", commands[i].name, commands[i].usage);
    return 2;
}
