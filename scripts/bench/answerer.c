/*
 * Many KMS interfaces in one process: listens on every address of a list and answers binds, cheaply, so that a sweep
 * is measured and not its peer. It knows bind and alter_context (C706 12.6.4) and closes the connection on any other
 * PDU: it has no operations.
 *
 *   usage: answerer LIST [PORT]
 *
 * A line of LIST is an address (IPv4 or IPv6) and, after a blank, what is done there:
 *
 *   serves    accepts NDR32, rejects NDR64, grants bind-time features, rejects other interfaces: as Samba does. Default
 *   anything  the same for every interface
 *   silent    accepts the connection and never says a word
 *   closes    closes as soon as it was asked something
 *
 * "ready N" is said when all N listen. Ends with SIGTERM, and says on stderr how many connections it had.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum manner { SERVES, ANYTHING, SILENT, CLOSES, MANNERS };
static const char *const WORDS[MANNERS] = {"serves", "anything", "silent", "closes"};

enum { BIND = 11, BIND_ACK = 12, ALTER_CONTEXT = 14, ALTER_CONTEXT_RESP = 15 };
enum { HEADER = 16, FIXED = 28, SYNTAX = 20, RESULT = 24 };

/* Twenty contexts of one transfer syntax fit into this; nobody offers as many. */
enum { MAX_PDU = 1024, BATCH = 256 };

/* What epoll hands back: a listener has no buffer, a connection grows one behind this. */
struct end {
  int fd;
  uint8_t listens, manner;
  uint16_t port, have;
  uint8_t bytes[];
};

static const uint8_t KMS[SYNTAX] = {0x75, 0x21, 0xc8, 0x51, 0x4e, 0x84, 0x50, 0x47, 0xb0, 0xd8,
                                    0xec, 0x25, 0x55, 0x55, 0xbc, 0x06, 1,    0,    0,    0};
static const uint8_t NDR32[SYNTAX] = {0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8,
                                      0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2,    0,    0,    0};
/* The first eight bytes stand for bind-time features, the others say which (MS-RPCE 2.2.2.14). */
static const uint8_t FEATURES[8] = {0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45};

static volatile sig_atomic_t told_to_stop;

static void on_term(int signal_number) {
  (void)signal_number;
  told_to_stop = 1;
}

static void fail(const char *what, const char *about) {
  fprintf(stderr, "answerer: %s: %s: %s\n", what, about, strerror(errno));
  exit(1);
}

static uint16_t get16(const uint8_t *from) { return (uint16_t)(from[0] | from[1] << 8); }

static uint8_t *put16(uint8_t *to, uint16_t value) {
  *to++ = (uint8_t)value;
  *to++ = (uint8_t)(value >> 8);
  return to;
}

static uint8_t *put_result(uint8_t *to, uint16_t result, uint16_t reason, const uint8_t *syntax) {
  to = put16(put16(to, result), reason);
  if (syntax) memcpy(to, syntax, SYNTAX);
  else memset(to, 0, SYNTAX);
  return to + SYNTAX;
}

/* One result for one context: p_cont_elem_t in, p_result_t out (C706 12.6.3.1). */
static uint8_t *answer_context(uint8_t *to, const uint8_t *abstract, unsigned transfers, int any_interface) {
  const uint8_t *transfer = abstract + SYNTAX;
  int has_ndr32 = 0;
  for (unsigned i = 0; i < transfers; i++, transfer += SYNTAX) {
    if (memcmp(transfer, FEATURES, sizeof FEATURES) == 0) return put_result(to, 3, 3, NULL);
    if (memcmp(transfer, NDR32, SYNTAX) == 0) has_ndr32 = 1;
  }
  if (!any_interface && memcmp(abstract, KMS, SYNTAX) != 0) return put_result(to, 2, 1, NULL);
  return has_ndr32 ? put_result(to, 0, 0, NDR32) : put_result(to, 2, 2, NULL);
}

/* The answer to one whole PDU; 0 where there is none. A context takes more bytes than its result does. */
static size_t answer(const uint8_t *pdu, size_t length, const struct end *from, uint8_t *said) {
  uint8_t ptype = pdu[2];
  if ((ptype != BIND && ptype != ALTER_CONTEXT) || length < FIXED) return 0;
  uint8_t *to = said;
  const uint8_t head[8] = {5, 0, ptype == BIND ? BIND_ACK : ALTER_CONTEXT_RESP, 3, 0x10, 0, 0, 0};
  memcpy(to, head, sizeof head);
  memset(to + 8, 0, 4);
  memcpy(to + 12, pdu + 12, 4); /* call_id */
  to += HEADER;
  for (int i = 0; i < 2; i++) {
    uint16_t offered = get16(pdu + HEADER + 2 * i);
    to = put16(to, offered < 5840 ? offered : 5840);
  }
  to = put16(put16(to, 0x53f0), 0); /* assoc_group_id */
  char port[8];
  size_t named = ptype == BIND ? (size_t)snprintf(port, sizeof port, "%u", from->port) + 1 : 0;
  to = put16(to, (uint16_t)named);
  memcpy(to, port, named);
  for (to += named; (to - said) % 4 != 0;) *to++ = 0;
  unsigned contexts = pdu[24];
  const uint8_t start[4] = {(uint8_t)contexts, 0, 0, 0};
  memcpy(to, start, sizeof start);
  to += sizeof start;
  size_t at = FIXED;
  for (unsigned i = 0; i < contexts; i++) {
    if (at + 4 + SYNTAX > length) return 0;
    unsigned transfers = pdu[at + 2];
    size_t next = at + 4 + SYNTAX + (size_t)transfers * SYNTAX;
    if (next > length || transfers == 0) return 0;
    to = answer_context(to, pdu + at + 4, transfers, from->manner == ANYTHING);
    at = next;
  }
  put16(said + 8, (uint16_t)(to - said)); /* frag_length */
  return (size_t)(to - said);
}

/* Reads what is there and answers every whole PDU of it. 0 where the connection is over. */
static int serve(struct end *end) {
  ssize_t got = recv(end->fd, end->bytes + end->have, MAX_PDU - end->have, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0 || end->manner == CLOSES) return 0;
  if (end->manner == SILENT) return 1;
  end->have = (uint16_t)(end->have + got);
  while (end->have >= HEADER) {
    uint16_t length = get16(end->bytes + 8);
    /* Version 5.0, little-endian, and of a size that fits. */
    if (end->bytes[0] != 5 || end->bytes[4] != 0x10 || length < HEADER || length > MAX_PDU) return 0;
    if (end->have < length) return 1;
    uint8_t said[MAX_PDU + HEADER + RESULT];
    size_t size = answer(end->bytes, length, end, said);
    if (size == 0 || send(end->fd, said, size, MSG_NOSIGNAL) != (ssize_t)size) return 0;
    end->have = (uint16_t)(end->have - length);
    memmove(end->bytes, end->bytes + length, end->have);
  }
  return 1;
}

static void watch(int epoll, struct end *end) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event) != 0) fail("epoll_ctl", "add");
}

/* Out of descriptors it does nothing: the connection then waits in the queue. */
static void let_in(int epoll, const struct end *listener) {
  int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  struct end *end = malloc(sizeof *end + MAX_PDU);
  if (!end) fail("malloc", "connection");
  *end = (struct end){.fd = fd, .manner = listener->manner, .port = listener->port};
  watch(epoll, end);
}

static void listen_at(int epoll, const char *address, uint16_t port, enum manner manner) {
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
  int is6 = strchr(address, ':') != NULL;
  errno = EINVAL;
  if (inet_pton(is6 ? AF_INET6 : AF_INET, address, is6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
    fail("not an address", address);
  int fd = socket(is6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) fail("socket", address);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const struct sockaddr *name = is6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
  if (bind(fd, name, is6 ? sizeof v6 : sizeof v4) != 0) fail("bind", address);
  if (listen(fd, 1024) != 0) fail("listen", address);
  struct end *end = malloc(sizeof *end);
  if (!end) fail("malloc", "listener");
  *end = (struct end){.fd = fd, .listens = 1, .manner = (uint8_t)manner, .port = port};
  watch(epoll, end);
}

static enum manner manner_of(const char *word) {
  for (enum manner each = SERVES; each < MANNERS; each++)
    if (strcmp(word, WORDS[each]) == 0) return each;
  errno = EINVAL;
  fail("no manner is called so", word);
  return SERVES;
}

int main(int count, char **words) {
  if (count < 2 || count > 3) {
    fprintf(stderr, "usage: answerer LIST [PORT]\n");
    return 2;
  }
  uint16_t port = (uint16_t)(count == 3 ? atoi(words[2]) : 1688);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGTERM, on_term);
  signal(SIGINT, on_term);

  int epoll = epoll_create1(EPOLL_CLOEXEC), listening = 0;
  FILE *list = fopen(words[1], "r");
  if (epoll < 0 || !list) fail("open", words[1]);
  char line[128], address[64], manner[16];
  while (fgets(line, sizeof line, list)) {
    int found = sscanf(line, "%63s %15s", address, manner);
    if (found < 1) continue;
    listen_at(epoll, address, port, found == 2 ? manner_of(manner) : SERVES);
    listening++;
  }
  fclose(list);
  printf("ready %d\n", listening);
  fflush(stdout);

  unsigned long accepted = 0;
  struct epoll_event events[BATCH];
  while (!told_to_stop) {
    int ready = epoll_wait(epoll, events, BATCH, 500);
    for (int i = 0; i < ready; i++) {
      struct end *end = events[i].data.ptr;
      if (end->listens) {
        let_in(epoll, end);
        accepted++;
      } else if (!serve(end)) {
        close(end->fd);
        free(end);
      }
    }
  }
  fprintf(stderr, "answerer: %lu connections\n", accepted);
  return 0;
}
