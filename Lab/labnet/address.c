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

struct sources parse_sources(const char *text) {
    char host[64];
    struct in_addr network;
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : 0;
    long bits = slash ? strtol(slash + 1, NULL, 10) : 0;
    if (length < sizeof host) snprintf(host, sizeof host, "%.*s", (int)length, text);
    if (length >= sizeof host || bits < 8 || bits > 30 || inet_pton(AF_INET, host, &network) != 1) {
        fprintf(stderr, "labnet: `%s` is no range of addresses; write 10.1.0.0/16\n", text);
        exit(2);
    }
    return (struct sources){ntohl(network.s_addr) + 1, (1u << (32 - bits)) - 2};
}

bool bind_source(int file, const struct sources *sources, uint32_t which) {
    if (sources->count == 0) return true;
    struct sockaddr_in from = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(sources->first + which % sources->count),
    };
    return bind(file, (const struct sockaddr *)&from, sizeof from) == 0;
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
