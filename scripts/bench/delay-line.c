/*
 * A cable between two network namespaces on which every packet takes the same time, for kernels without netem. Each
 * end is a TUN device; what is read at one is written to the other when it is due. No loss of its own, no reordering:
 * a queue that is full stops reading, and the device's own queue fills.
 *
 *   usage: delay-line NAMESPACE-A DEVICE-A NAMESPACE-B DEVICE-B MILLISECONDS
 *
 * "ready" is said when both devices are there; they then want addresses, and a txqueuelen for the bursts. Ends with
 * SIGTERM, and says on stderr how many packets went each way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 16384, BATCH = 64, MAX_PACKET = 1500 };

struct packet {
  int64_t due; /* nanoseconds, CLOCK_MONOTONIC */
  uint16_t length;
  uint8_t bytes[MAX_PACKET];
};

/* One direction: all packets wait equally long, so the oldest is always the next. */
struct lane {
  int from, to;
  uint32_t first, count;
  unsigned long carried;
  struct packet *ring;
};

static volatile sig_atomic_t told_to_stop;

static void on_term(int signal_number) {
  (void)signal_number;
  told_to_stop = 1;
}

static void fail(const char *what, const char *about) {
  fprintf(stderr, "delay-line: %s: %s: %s\n", what, about, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

/* A TUN device belongs to the namespace in which it is made. */
static int open_tun(const char *namespace, const char *device) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", namespace);
  int there = open(path, O_RDONLY | O_CLOEXEC);
  if (there < 0 || setns(there, CLONE_NEWNET) != 0) fail("namespace", namespace);
  close(there);
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq wanted = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  snprintf(wanted.ifr_name, IFNAMSIZ, "%s", device);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &wanted) != 0) fail("/dev/net/tun", device);
  return tun;
}

static void take(struct lane *lane, int64_t delay) {
  for (int i = 0; i < BATCH && lane->count < SLOTS; i++) {
    struct packet *slot = &lane->ring[(lane->first + lane->count) % SLOTS];
    ssize_t length = read(lane->from, slot->bytes, MAX_PACKET);
    if (length <= 0) return;
    slot->length = (uint16_t)length;
    slot->due = now() + delay;
    lane->count++;
  }
}

/* A write fails where that end is down: the packet is lost, as on a cable. */
static void deliver(struct lane *lane) {
  for (int64_t time = now(); lane->count > 0 && lane->ring[lane->first].due <= time; lane->count--) {
    struct packet *slot = &lane->ring[lane->first];
    if (write(lane->to, slot->bytes, slot->length) == slot->length) lane->carried++;
    lane->first = (lane->first + 1) % SLOTS;
  }
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "usage: delay-line NAMESPACE-A DEVICE-A NAMESPACE-B DEVICE-B MILLISECONDS\n");
    return 2;
  }
  int64_t delay = (int64_t)(atof(words[5]) * 1e6);
  int a = open_tun(words[1], words[2]);
  int b = open_tun(words[3], words[4]);
  struct lane lanes[2] = {{.from = a, .to = b}, {.from = b, .to = a}};
  for (int i = 0; i < 2; i++) {
    lanes[i].ring = calloc(SLOTS, sizeof *lanes[i].ring);
    if (!lanes[i].ring) fail("memory", "ring");
  }
  signal(SIGTERM, on_term);
  signal(SIGINT, on_term);
  /* The kernel may wake us 50 microseconds late otherwise. */
  prctl(PR_SET_TIMERSLACK, 1);
  printf("ready\n");
  fflush(stdout);

  while (!told_to_stop) {
    struct pollfd ends[2];
    int64_t next = INT64_MAX;
    for (int i = 0; i < 2; i++) {
      struct lane *lane = &lanes[i];
      take(lane, delay);
      deliver(lane);
      ends[i] = (struct pollfd){.fd = lane->count < SLOTS ? lane->from : -1, .events = POLLIN};
      if (lane->count > 0 && lane->ring[lane->first].due < next) next = lane->ring[lane->first].due;
    }
    int64_t wait = next == INT64_MAX ? 500000000 : next - now();
    if (wait < 0) wait = 0;
    struct timespec patience = {wait / 1000000000, wait % 1000000000};
    ppoll(ends, 2, &patience, NULL);
  }
  fprintf(stderr, "delay-line: %lu packets there, %lu back\n", lanes[0].carried, lanes[1].carried);
  return 0;
}
