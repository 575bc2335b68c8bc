import Testing

@testable import Watch

struct InotifyLimitTests {
    @Test func `the advice names the limit, its value and the value to set`() {
        let advice = InotifyLimit.watches.advice(current: 8192)

        #expect(advice.contains("fs.inotify.max_user_watches is 8192"))
        #expect(advice.contains("sysctl -w fs.inotify.max_user_watches=524288"))
    }

    @Test func `a value that is large already is doubled`() {
        #expect(InotifyLimit.watches.advice(current: 1_000_000).contains("max_user_watches=2000000"))
    }

    @Test func `instances have a limit of their own`() {
        #expect(InotifyLimit.instances.advice(current: 128).contains("fs.inotify.max_user_instances=1024"))
    }

    @Test func `a value that cannot be read is not made up`() {
        let advice = InotifyLimit.watches.advice(current: nil)

        #expect(advice.contains("fs.inotify.max_user_watches is too low"))
        #expect(advice.contains("=524288"))
    }

    @Test func `the kernel tells its present values`() throws {
        let watches = try #require(InotifyLimit.watches.current())

        #expect(watches > 0)
    }
}
