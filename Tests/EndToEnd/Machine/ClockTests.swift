import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// A wall clock that jumps while the daemon runs, or between two of its lives: nothing waits longer for it, and
    /// nothing goes up twice. The clock is that of the daemon alone; its monotonic ones go on.
    struct ClockTests {
        /// In seconds: more than a year, and less than the longest wait, either way.
        static let jumps = [-35_000_000, -600, 600, 35_000_000]

        @Test(.timeLimit(.minutes(5)), arguments: jumps)
        func `a file that waits for its next try waits no longer when the clock jumps`(jump: Int) async throws {
            try await withBench { bench in
                bench.sandbox.weather.failEveryNthPut = 1
                let clock = try await FalseClock(bench)
                try await bench.withDaemon(environment: clock.environment) { daemon in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await daemon.waitForLog("file waits for another try")
                    try clock.set(jump)
                    bench.sandbox.weather.failEveryNthPut = nil
                    try bench.write(Media.pdf(), to: "inbox/b.pdf")
                    try await bench.waitForEntry("inbox/b.pdf")
                    // The provider processes it for a while, and is asked again until it is ready.
                    try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                }

                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
                #expect(bench.page.assets.count == 2)
                // What people read is the wall clock's: it did jump.
                let entry = try #require(try bench.manifest()?.entries[bench.path("inbox/b.pdf").string])
                let told = try Date(entry.uploadedAt, strategy: .iso8601)
                #expect(abs(told.timeIntervalSinceNow - Double(jump)) < 60)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: jumps)
        func `an upload that was broken off goes on with its ticket, whatever the clock says`(jump: Int)
            async throws
        {
            try await withBench { bench in
                let clock = try await FalseClock(bench)
                // In the middle of the PUT, with the ticket on disk.
                try await bench.crashDaemon(at: "piece-begun", environment: clock.environment) { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                }
                try clock.set(jump)
                try await bench.withDaemon(environment: clock.environment) { _ in
                    try await bench.waitForEntry("inbox/a.jpg")
                }

                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
                #expect(bench.page.assets.count == 1, "it was asked for again")
            }
        }
    }
}

/// The wall clock of the processes that are started with its environment: a library that is loaded before theirs adds
/// to what the kernel says. (libfaketime moves the environment about, and Swift's runtime then finds no arguments.)
private struct FalseClock {
    private static let source = """
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long shift(void) {
            long seconds = 0;
            FILE *file = fopen(getenv("FALSE_CLOCK"), "re");
            if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
            return seconds;
        }
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = (int)syscall(SYS_clock_gettime, clock, time);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += shift();
            return result;
        }
        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *place) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (place) *place = now.tv_sec;
            return now.tv_sec;
        }
        """

    private let library: FilePath
    private let file: FilePath

    init(_ bench: Bench) async throws {
        library = bench.path("clock.so")
        file = bench.path("clock")
        try bench.write(Array(Self.source.utf8), to: "clock.c")
        // Swift's toolchain brings it.
        let result = try await Subprocess.run(
            .name("clang"),
            arguments: ["-shared", "-fPIC", "-O1", "-o", library.string, bench.path("clock.c").string],
            output: .discarded,
            error: .string(limit: 4096)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        try set(0)
    }

    var environment: [Environment.Key: String?] { ["LD_PRELOAD": library.string, "FALSE_CLOCK": file.string] }

    /// Sets it so many seconds before or after the true time.
    func set(_ jump: Int) throws {
        try "\(jump)".write(toFile: file.string, atomically: true, encoding: .utf8)
    }
}
