// Addresses as people write them.

#include "labnet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static bool parse_port(const char *text, in_port_t *port) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < 1 || value > 65535) return false;
    *port = htons((uint16_t)value);
    return true;
}

struct address parse_address(const char *text) {
    struct address address = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&address.bytes;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address.bytes;
    char host[64] = "::";
    const char *port = strrchr(text, ':');
    size_t length = port ? (size_t)(port - text) : 0;
    if (length < sizeof host && port) {
        bool bracketed = text[0] == '[' && text[length - 1] == ']';
        snprintf(host, sizeof host, "%.*s", (int)(bracketed ? length - 2 : length),
                 bracketed ? text + 1 : text);
    }
    port = port ? port + 1 : text;
    if (inet_pton(AF_INET, host, &four->sin_addr) == 1 && parse_port(port, &four->sin_port)) {
        four->sin_family = AF_INET;
        address.size = sizeof *four;
    } else if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1 &&
               parse_port(port, &six->sin6_port)) {
        six->sin6_family = AF_INET6;
        address.size = sizeof *six;
    } else {
        fprintf(stderr, "labnet: `%s` is no address and port; write 10.0.0.1:80 or [fd00::1]:80\n",
                text);
        exit(2);
    }
    return address;
}

// An overloaded server holds thousands of waiting connections; so does its client.
void raise_file_limit(void) {
    struct rlimit limit = {65536, 65536};
    if (setrlimit(RLIMIT_NOFILE, &limit)) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}
