// labnet netlink: sets the weights of many IPVS destinations as quickly as C can, for comparison.
//
// 32 SET_DEST in a send, then their acknowledgements, one after the other or, with `gather`, as many
// in a call as there are; the services are 10.9.0.1:80/tcp, .2 ..., and the destinations of the first
// 10.16.0.1:80, .2 ...

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "labnet.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 32

static char *put(char *at, int type, const void *value, size_t size) {
    struct nlattr *header = (struct nlattr *)at;
    header->nla_type = (uint16_t)type;
    header->nla_len = (uint16_t)(sizeof *header + size);
    memset(at + sizeof *header, 0, NLA_ALIGN(size));
    memcpy(at + sizeof *header, value, size);
    return at + sizeof *header + NLA_ALIGN(size);
}

static size_t set_weight(char *at, uint16_t family, uint32_t sequence, unsigned service,
                         unsigned destination, uint32_t weight) {
    uint16_t inet = AF_INET, tcp = IPPROTO_TCP, port = htons(80);
    uint32_t zero = 0, address[4] = {htonl(0x0A090001 + service)};
    struct nlmsghdr *message = (struct nlmsghdr *)at;
    memset(message, 0, sizeof *message);
    message->nlmsg_type = family;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    message->nlmsg_seq = sequence;
    struct genlmsghdr *command = NLMSG_DATA(message);
    *command = (struct genlmsghdr){.cmd = IPVS_CMD_SET_DEST, .version = IPVS_GENL_VERSION};
    char *next = (char *)command + GENL_HDRLEN;

    struct nlattr *nest = (struct nlattr *)next;
    next = put(next + sizeof *nest, IPVS_SVC_ATTR_AF, &inet, sizeof inet);
    next = put(next, IPVS_SVC_ATTR_PROTOCOL, &tcp, sizeof tcp);
    next = put(next, IPVS_SVC_ATTR_ADDR, address, sizeof address);
    next = put(next, IPVS_SVC_ATTR_PORT, &port, sizeof port);
    nest->nla_type = IPVS_CMD_ATTR_SERVICE | NLA_F_NESTED;
    nest->nla_len = (uint16_t)(next - (char *)nest);

    nest = (struct nlattr *)next;
    address[0] = htonl(0x0A100001 + (service << 16) + destination);
    next = put(next + sizeof *nest, IPVS_DEST_ATTR_ADDR_FAMILY, &inet, sizeof inet);
    next = put(next, IPVS_DEST_ATTR_ADDR, address, sizeof address);
    next = put(next, IPVS_DEST_ATTR_PORT, &port, sizeof port);
    next = put(next, IPVS_DEST_ATTR_FWD_METHOD, &zero, sizeof zero);
    next = put(next, IPVS_DEST_ATTR_WEIGHT, &weight, sizeof weight);
    next = put(next, IPVS_DEST_ATTR_U_THRESH, &zero, sizeof zero);
    next = put(next, IPVS_DEST_ATTR_L_THRESH, &zero, sizeof zero);
    nest->nla_type = IPVS_CMD_ATTR_DEST | NLA_F_NESTED;
    nest->nla_len = (uint16_t)(next - (char *)nest);

    message->nlmsg_len = (uint32_t)(next - at);
    return message->nlmsg_len;
}

static char received[BATCH][16384];

// As many datagrams as wait, or one; their lengths.
static int receive(int file, bool gathers, ssize_t *lengths) {
    static struct iovec pieces[BATCH];
    static struct mmsghdr headers[BATCH];
    int count = 1;
    if (gathers) {
        for (int i = 0; i < BATCH; i++) {
            pieces[i] = (struct iovec){received[i], sizeof received[i]};
            headers[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
        }
        count = recvmmsg(file, headers, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) lengths[i] = headers[i].msg_len;
    } else {
        lengths[0] = recv(file, received[0], sizeof received[0], 0);
    }
    if (count < 1 || lengths[0] < 0) {
        perror("labnet netlink: receive");
        exit(1);
    }
    return count;
}

// How many of so many acknowledgements are refusals.
static int take_acknowledgements(int file, int count, bool gathers) {
    ssize_t lengths[BATCH];
    int refused = 0;
    while (count > 0) {
        int datagrams = receive(file, gathers, lengths);
        for (int i = 0; i < datagrams; i++) {
            ssize_t got = lengths[i];
            for (struct nlmsghdr *message = (struct nlmsghdr *)received[i]; NLMSG_OK(message, got);
                 message = NLMSG_NEXT(message, got)) {
                if (message->nlmsg_type != NLMSG_ERROR) continue;
                if (((struct nlmsgerr *)NLMSG_DATA(message))->error) refused++;
                count--;
            }
        }
    }
    return refused;
}

static uint16_t find_family(int file) {
    static char bytes[16384];
    struct nlmsghdr *message = (struct nlmsghdr *)bytes;
    *message = (struct nlmsghdr){.nlmsg_type = GENL_ID_CTRL, .nlmsg_flags = NLM_F_REQUEST};
    *(struct genlmsghdr *)NLMSG_DATA(message) =
        (struct genlmsghdr){.cmd = CTRL_CMD_GETFAMILY, .version = 1};
    char *end = put((char *)NLMSG_DATA(message) + GENL_HDRLEN, CTRL_ATTR_FAMILY_NAME,
                    IPVS_GENL_NAME, sizeof IPVS_GENL_NAME);
    message->nlmsg_len = (uint32_t)(end - bytes);
    if (send(file, bytes, message->nlmsg_len, 0) < 0) return 0;
    ssize_t got = recv(file, bytes, sizeof bytes, 0);
    for (char *at = bytes + NLMSG_HDRLEN + GENL_HDRLEN; at < bytes + got;) {
        struct nlattr *attribute = (struct nlattr *)at;
        if (attribute->nla_type == CTRL_ATTR_FAMILY_ID) return *(uint16_t *)(attribute + 1);
        if (attribute->nla_len < sizeof *attribute) break;
        at += NLA_ALIGN(attribute->nla_len);
    }
    return 0;
}

int netlink_command(int count, char **words) {
    bool gathers = count > 3 && !strcmp(words[3], "gather");
    unsigned services = (unsigned)atoi(words[0]), members = (unsigned)atoi(words[1]);
    int rounds = atoi(words[2]), refused = 0;
    int file = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), room = 1 << 20;
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    uint16_t family = find_family(file);
    if (!family) {
        fprintf(stderr, "labnet netlink: no IPVS here\n");
        return 1;
    }
    static char bytes[BATCH * 256];
    uint32_t sequence = 1;
    for (int round = 0; round < rounds; round++) {
        double began = now();
        for (unsigned next = 0; next < services * members;) {
            size_t length = 0;
            int batch = 0;
            for (; batch < BATCH && next < services * members; batch++, next++)
                length += set_weight(bytes + length, family, sequence++, next / members,
                                     next % members, 1 + (next + (unsigned)round) % 100);
            if (send(file, bytes, length, 0) != (ssize_t)length) {
                perror("labnet netlink: send");
                return 1;
            }
            refused += take_acknowledgements(file, batch, gathers);
        }
        printf("{\"ms\":%.3f,\"refused\":%d}\n", 1e3 * (now() - began), refused);
    }
    close(file);
    return refused != 0;
}
