/*
 * Slows all renderers of the browser that our parent process started, pages and workers alike: stops each of them for most of the time, in
 * turns of a few milliseconds. DevTools' CPU throttling is documented for pages only. Reads factors from stdin, one per line: 4 leaves a
 * quarter of the time, 1 all of it. At the end of stdin all processes are resumed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64, LOOKS_EVERY_MS = 60, RUNS_MS = 2 };

static pid_t renderers[MOST];
static int count;

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void sleep_ms(double duration) {
    if (duration <= 0) return;
    struct timespec time = {0, (long)(duration * 1e6)};
    nanosleep(&time, NULL);
}

static void signal_all(int signal) {
    for (int i = 0; i < count; i++) kill(renderers[i], signal);
}

static size_t read_file(pid_t pid, const char *name, char *into, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    size_t length = fread(into, 1, size - 1, file);
    fclose(file);
    into[length] = 0;
    return length;
}

static int is_renderer(pid_t pid) {
    char text[8192];
    size_t length = read_file(pid, "cmdline", text, sizeof text);
    for (size_t i = 0; i < length; i++)
        if (!text[i]) text[i] = ' ';
    return length > 0 && strstr(text, "--type=renderer") != NULL;
}

static pid_t parent_of(pid_t pid) {
    char text[1024];
    if (!read_file(pid, "stat", text, sizeof text)) return 0;
    /* The name, in parentheses, may contain anything. */
    char *after_name = strrchr(text, ')');
    int parent = 0;
    if (after_name) sscanf(after_name + 1, " %*c %d", &parent);
    return parent;
}

static int descends_from(pid_t pid, pid_t ancestor) {
    while (pid > 1 && pid != ancestor) pid = parent_of(pid);
    return pid == ancestor;
}

static void find_renderers(void) {
    DIR *processes = opendir("/proc");
    if (!processes) return;
    struct dirent *entry;
    count = 0;
    while ((entry = readdir(processes)) && count < MOST) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && is_renderer(pid) && descends_from(pid, getppid())) renderers[count++] = pid;
    }
    closedir(processes);
}

/* Waits this long for the next factor. Returns the old one if none came, and 0 at the end. */
static double next_rate(double rate, int timeout) {
    char text[64];
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, timeout) <= 0) return rate;
    ssize_t length = read(STDIN_FILENO, text, sizeof text - 1);
    if (length <= 0) return 0;
    text[length] = 0;
    /* Only the last line counts. */
    if (text[length - 1] == '\n') text[length - 1] = 0;
    char *before = strrchr(text, '\n');
    return atof(before ? before + 1 : text);
}

int main(void) {
    double rate = 1, looked = 0;
    /* Where we are allowed to, we run before what we stop. */
    struct sched_param priority = {20};
    sched_setscheduler(0, SCHED_FIFO, &priority);
    while ((rate = next_rate(rate, rate > 1 ? 0 : -1)) > 0) {
        if (rate <= 1) continue;
        double stopped = now_ms();
        signal_all(SIGSTOP);
        if (stopped - looked > LOOKS_EVERY_MS) {
            find_renderers();
            signal_all(SIGSTOP);
            looked = now_ms();
        }
        sleep_ms(RUNS_MS * (rate - 1) - (now_ms() - stopped));
        signal_all(SIGCONT);
        sleep_ms(RUNS_MS);
    }
    signal_all(SIGCONT);
    return 0;
}
