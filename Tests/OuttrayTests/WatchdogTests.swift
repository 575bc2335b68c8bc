import Control
import Logging
import Pipeline
import ServiceLifecycle
import TestSupport
import Testing
import Threads

@testable import outtray

@Suite(.timeLimit(.minutes(5))) struct WatchdogTests {
    @Test func `systemd's time counts for the process that it names, where it is one`() {
        #expect(ServiceManager.watchdog(["WATCHDOG_USEC": "3000000"], process: 7) == .seconds(3))
        #expect(ServiceManager.watchdog(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"], process: 7) == .seconds(3))
        for environment in [
            ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"], ["WATCHDOG_USEC": "0"], ["WATCHDOG_USEC": "-1"],
            ["WATCHDOG_USEC": "soon"], ["WATCHDOG_PID": "7"], ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "me"], [:],
        ] {
            #expect(ServiceManager.watchdog(environment, process: 7) == nil, "\(environment)")
        }
    }

    /// A service that does nothing until it is told to end.
    private struct Idle: Service {
        let end: Doorbell

        func run() async throws { await end.wait() }
    }

    @Test func `a service gives a sign of life four times in the time that it has, and none after its end`()
        async throws
    {
        let (clock, end) = (ManualClock(), Doorbell())
        let signs = Mutex(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watchdog = Watchdog(
                service: Idle(end: end),
                time: .seconds(8),
                loops: Loops(),
                clock: clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { signs.withLock { $0 += 1 } }
            group.addTask { try await watchdog.run() }

            for expected in 1...4 {
                try await clock.sleepers(1)
                #expect(signs.withLock { $0 } == expected)
                #expect(clock.nextWake == .seconds(2))
                if expected < 4 { clock.advance(by: .seconds(2)) }
            }
            end.ring()
            try await group.next()
        }

        #expect(signs.withLock { $0 } == 4)
    }
}
