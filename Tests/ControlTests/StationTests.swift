import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct StationTests {
    private struct Failure: Error {}

    /// Sockets that plain files stand for.
    @Test func `a listening socket that fails, or ends, is made anew`() async throws {
        let directory = try TemporaryDirectory()
        let place = SocketPlace([:], stateDirectory: directory.path)
        try place.prepare()
        let sockets = Monitor(0)
        let station = Station(place: place, logger: quiet, pause: .zero) { opened in
            let number = sockets.read { $0 } + 1
            try directory.write(".sock/s", "\(number)")
            await opened()
            sockets.change { $0 = number }
            if number == 1 { throw Failure() }
            if number == 2 { return }
            try await Promise<Void>().value()
        }

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await station.run() }
            try await station.opening.value()
            // The third stays.
            try await sockets.wait { $0 == 3 }
            #expect(try directory.text("control.sock") == "3")
            #expect(try directory.mode(of: "control.sock") == 0o660)
            group.cancelAll()
        }
        station.close()
        #expect(try directory.names() == [])
    }

    @Test func `the first socket that cannot be made is told`() async throws {
        let directory = try TemporaryDirectory()
        let place = SocketPlace([:], stateDirectory: directory.path)
        let station = Station(place: place, logger: quiet, pause: .zero) { _ in throw Failure() }

        try await station.run()
        let problem = await #expect(throws: SocketProblem.self) { try await station.opening.value() }
        #expect(problem?.description.contains("Failure()") == true)
    }
}
