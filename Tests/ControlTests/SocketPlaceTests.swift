import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct SocketPlaceTests {
    @Test func `systemd's runtime directory comes first, else the state directory`() {
        let state = FilePath("/var/lib/outtray")
        #expect(SocketPlace([:], stateDirectory: state).path == "/var/lib/outtray/control.sock")
        #expect(SocketPlace(["RUNTIME_DIRECTORY": ""], stateDirectory: state).path == "/var/lib/outtray/control.sock")
        let runtime = SocketPlace(["RUNTIME_DIRECTORY": "/run/outtray:/run/other"], stateDirectory: state)
        #expect(runtime.path == "/run/outtray/outtray.sock")
        #expect(runtime.isRuntime)
    }

    @Test func `a path that fits sun_path is good, one byte more is not`() throws {
        let rest = "/control.sock".utf8.count
        let good = FilePath("/" + String(repeating: "x", count: SocketPlace.longest - rest - 1))
        let bad = FilePath(good.string + "x")

        #expect(SocketPlace([:], stateDirectory: good).problem == nil)
        let problem = try #require(SocketPlace([:], stateDirectory: bad).problem)
        #expect(problem.contains("108 bytes") && problem.contains("107"))
    }

    @Test func `the longest path can be served`() async throws {
        let directory = try TemporaryDirectory()
        let length = SocketPlace.longest - directory.path.length - "/control.sock".utf8.count - 1
        let deep = try directory.makeDirectory(String(repeating: "d", count: length))
        let place = SocketPlace([:], stateDirectory: deep)
        #expect(place.path.length == SocketPlace.longest)

        try await ControlServer(place, ControlRouter([.health]), logger: quiet).serve {
            let answer = try await asked(place.path, "/healthz")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    /// As after a kill -9: with the socket, and in the middle of making it.
    @Test func `what a killed process left is replaced`() async throws {
        let directory = try TemporaryDirectory()
        let place = SocketPlace([:], stateDirectory: directory.path)
        for path in [place.path, place.birthplace] {
            _ = mkdir(place.birthplace.removingLastComponent().string, 0o700)
            try bindDead(path)
        }

        try await ControlServer(place, ControlRouter([.health]), logger: quiet).serve {
            let answer = try await asked(place.path, "/healthz")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
        #expect(try directory.names() == [])
    }

    @Test func `a socket that somebody serves is left alone`() async throws {
        try await withSocket { path in
            let place = SocketPlace([:], stateDirectory: path.removingLastComponent())
            let other = ControlServer(place, ControlRouter([.health]), logger: quiet)

            let problem = await #expect(throws: SocketProblem.self) { try await other.serve {} }
            #expect(problem?.description.contains("another process serves") == true)
            let answer = try await asked(path, "/healthz")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `a file that is no socket, and a directory that is closed or missing, are told`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("control.sock", "mine")
        let place = SocketPlace([:], stateDirectory: directory.path)
        let server = ControlServer(place, ControlRouter([.health]), logger: quiet)
        await #expect(throws: SocketProblem.self) { try await server.serve {} }
        #expect(try directory.text("control.sock") == "mine")

        let nowhere = SocketPlace([:], stateDirectory: directory.at("nowhere"))
        let lost = ControlServer(nowhere, ControlRouter([.health]), logger: quiet)
        let problem = await #expect(throws: SocketProblem.self) { try await lost.serve {} }
        #expect(problem?.errno == .noSuchFileOrDirectory)
    }

    @Test func `a socket that is another one by now is not removed`() async throws {
        let directory = try TemporaryDirectory()
        let place = SocketPlace([:], stateDirectory: directory.path)

        try await ControlServer(place, ControlRouter([.health]), logger: quiet).serve {
            try directory.remove("control.sock")
            try directory.write("control.sock", "mine")
        }
        #expect(try directory.text("control.sock") == "mine")
    }

    /// A socket file that nobody listens at.
    private func bindDead(_ path: FilePath) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
