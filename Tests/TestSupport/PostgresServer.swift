import Foundation
import Glibc
import SystemPackage
import Threads

/// A PostgreSQL server of the tests' own: in a temporary directory, on a Unix socket, with TLS on a port of 127.0.0.1
/// as well. The machine's own server, if there is one, is left alone.
///
/// It has the superuser `admin`. On the socket every role but `locked` is let in without a password; on the port every
/// role needs one.
package final class PostgresServer: Sendable {
    /// One server for all tests of a process that neither stop it nor change its settings. It ends with the process.
    /// Each test makes a ``database(_:)`` of its own in it.
    package static func shared() async throws -> PostgresServer { try await sharedServer.value }

    private static let sharedServer = Task { try await PostgresServer() }

    // In this order: the server ends before its directory goes.
    private let end: PostgresEnd
    package let directory: TemporaryDirectory
    /// The port of 127.0.0.1. Nil without TLS.
    package let port: UInt16?
    private let tool: PostgresTool
    private let databases = Mutex(0)

    /// Makes a server and starts it. With `certificates`, it has TLS by the certificate of this kind.
    package init(_ certificates: TestCertificates? = nil, _ kind: TestCertificates.Kind = .good) async throws {
        directory = try TemporaryDirectory()
        end = try PostgresEnd(directory.path)
        tool = try PostgresTool(directory)
        port = try certificates.map { _ in try LoopbackSocket().port }
        try await make(certificates, kind)
        try await start()
    }

    /// The directory of the socket: what `host=` says.
    package var socket: String { directory.at("socket").string }

    /// Returns when the server takes connections.
    package func start() async throws {
        try await tool.run("pg_ctl", "start", "-w", "-s", "-D", data, "-l", directory.at("log").string)
    }

    /// Returns when the server has ended: after its clients' connections were ended in order, or at once as in a crash.
    package func stop(immediately: Bool = true) async throws {
        try await tool.run("pg_ctl", "stop", "-w", "-s", "-D", data, "-m", immediately ? "immediate" : "fast")
    }

    /// Adds lines to the server's settings, and has them read.
    package func set(_ lines: String...) async throws {
        let file = directory.at("data").appending("postgresql.auto.conf")
        let descriptor = try FileDescriptor.open(file, .writeOnly, options: .append)
        try descriptor.closeAfter { _ = try descriptor.writeAll((lines.joined(separator: "\n") + "\n").utf8) }
        try await tool.run("pg_ctl", "reload", "-s", "-D", data)
    }

    /// Makes an empty database, and returns what a connection to it needs as `user`.
    package func database(_ name: String? = nil, user: String = "admin") async throws -> String {
        let number = databases.withLock { count in
            count += 1
            return count
        }
        let name = name ?? "test\(number)"
        try await sql("CREATE DATABASE \"\(name)\"")
        return conninfo(name, user: user)
    }

    /// What a connection by the socket needs.
    package func conninfo(_ database: String, user: String = "admin") -> String {
        "host=\(socket) port=\(socketPort) dbname=\(database) user=\(user)"
    }

    /// Runs statements as the superuser, by psql. Returns the rows, their columns parted by `|`.
    @discardableResult
    package func sql(_ text: String, database: String = "postgres") async throws -> String {
        try await tool.run(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set",
            "ON_ERROR_STOP=1",
            "--host",
            socket,
            "--port",
            "\(socketPort)",
            "--username",
            "admin",
            "--dbname",
            database,
            "--command",
            text
        )
    }

    // MARK: Private

    /// The number that stands in the socket's name.
    private var socketPort: UInt16 { port ?? 5432 }

    private var data: String { directory.at("data").string }

    private func make(_ certificates: TestCertificates?, _ kind: TestCertificates.Kind) async throws {
        // The server's user has to get in, whatever this process's umask is.
        try tool.own(directory.path, mode: 0o755)
        for name in ["data", "socket"] { try tool.own(try directory.makeDirectory(name), mode: 0o700) }
        // Everybody may connect by the socket: the tests' own user is another one than the server's.
        try tool.own(directory.at("socket"), mode: 0o755)
        try tool.own(try directory.write("log", ""), mode: 0o600)
        try await tool.run(
            "initdb",
            "-D",
            data,
            "--username=admin",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions"
        )
        try directory.write("data/pg_hba.conf", Self.access)
        var settings = """
            unix_socket_directories = '\(socket)'
            listen_addresses = '\(port == nil ? "" : "127.0.0.1")'
            port = \(socketPort)
            fsync = off
            shared_buffers = 16MB
            max_connections = 150

            """
        if let certificates {
            for (name, text) in [
                ("server.crt", certificates.certificate(kind)), ("server.key", certificates.key(kind)),
            ] {
                try tool.own(try directory.write("data/\(name)", text), mode: 0o600)
            }
            settings += "ssl = on\n"
        }
        try tool.own(try directory.write("data/postgresql.auto.conf", settings), mode: 0o600)
    }

    private static let access = """
        local   all locked              scram-sha-256
        local   all all                 trust
        hostssl all all 127.0.0.1/32    scram-sha-256

        """
}
