import Glibc
import SystemPackage
import Testing

@testable import Watch

struct InotifyLimitTests {
    @Test func `the advice names the limit, its value and the value to set`() {
        let advice = InotifyRoom(.watches, allowed: 8192).advice()

        #expect(advice.contains("fs.inotify.max_user_watches is 8192; set it with"))
        #expect(advice.contains("sysctl -w fs.inotify.max_user_watches=524288"))
        #expect(advice.contains("the line fs.inotify.max_user_watches=524288 in /etc/sysctl.d/60-outtray.conf"))
    }

    @Test func `a value that is large already is doubled, and what is needed and used has room twice`() {
        #expect(InotifyRoom(.watches, allowed: 1_000_000).advice().contains("max_user_watches=2000000"))

        let advice = InotifyRoom(.watches, allowed: 600_000, others: 90_000).advice(needing: 700_000)
        #expect(
            advice.contains("is 600000 (watches needed: 700000, used by other programs of this user: 90000)")
        )
        #expect(advice.contains("max_user_watches=2097152"))
    }

    @Test func `instances have a limit of their own`() {
        #expect(InotifyRoom(.instances, allowed: 128).advice().contains("fs.inotify.max_user_instances=1024"))
    }

    @Test func `a value that cannot be read is not made up`() {
        let advice = InotifyRoom(.watches, allowed: nil).advice()

        #expect(advice.contains("fs.inotify.max_user_watches is too low"))
        #expect(advice.contains("=524288"))
    }

    @Test func `in a user namespace both lines are given, and which of the limits it may be`() {
        let inner = InotifyRoom(.watches, allowed: 8192, allowedHere: 5).advice(needing: 9)
        #expect(inner.contains("user.max_inotify_watches is 5 in this user namespace"))
        #expect(inner.contains("fs.inotify.max_user_watches is 8192 on the machine"))
        #expect(inner.contains("the first one is too low"))
        #expect(inner.contains("sysctl -w user.max_inotify_watches=524288"))
        #expect(inner.contains("sysctl -w fs.inotify.max_user_watches=524288"))

        let outer = InotifyRoom(.watches, allowed: 8192, allowedHere: Int(Int32.max)).advice(needing: 9)
        #expect(outer.contains("the machine's has run out") && outer.contains("a user namespace in between"))
        #expect(outer.contains("sysctl -w user.max_inotify_watches=2147483647"), "it cannot be raised")
        #expect(InotifyRoom(.watches, allowed: 8, allowedHere: 5).lowest == 5)
        #expect(InotifyRoom(.watches, allowed: 8).lowest == 8)
    }

    @Test func `the kernel tells its present values`() throws {
        let watches = try #require(InotifyLimit.watches.current())

        #expect(watches > 0)
    }

    @Test func `what a process has is counted, and this process is not one of the others`() throws {
        let folder = try TemporaryFolder()
        let inotify = try Inotify()
        for name in ["a", "b", "c"] {
            try Disk.makeDirectory(folder.path.appending(name))
            let directory = try FileDescriptor.open(folder.path.appending(name), .readOnly)
            try directory.closeAfter { _ = try inotify.add(directory, at: { folder.path }) }
        }

        let own = InotifyUse.of(processes: [getpid()])
        #expect(own.watches >= 3 && own.instances >= 1)
        #expect(InotifyUse.of(processes: []) == InotifyUse())
    }
}
