// Runs one command and writes what it cost into a file: `cost FILE COMMAND…`.
//
// The first line is the command's process id, from its start on. The second comes at its end: status, seconds by the
// clock, seconds of CPU (user, system) and the peak of memory in KiB, of the command and of all that it has waited for.
//
// It is a program of its own because of getrusage(2): the peak of a child is at least that of the process it was forked
// from. This one has 1 MiB.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int count, char **words) {
    if (count < 3) return 64;
    FILE *file = fopen(words[1], "we");
    if (!file) return 74;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t child = fork();
    if (child < 0) return 71;
    if (child == 0) {
        setpgid(0, 0);  // so that a signal reaches all of a pipeline
        execvp(words[2], words + 2);
        fprintf(stderr, "%s: %s\n", words[2], strerror(errno));
        _exit(127);
    }
    setpgid(child, child);  // here too: the child may not have had its turn when the line below is read
    fprintf(file, "%d\n", child);
    fflush(file);
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) return 71;
    clock_gettime(CLOCK_MONOTONIC, &end);
    double wall = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    fprintf(file, "%d %.6f %.6f %.6f %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), wall,
            seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss);
    return fclose(file) ? 74 : 0;
}
