import Foundation
import Glibc
import SystemPackage
import Threads

/// Runs the programs of the newest PostgreSQL on this machine: as another user if this process is root's, as the server
/// refuses to be.
struct PostgresTool: Sendable {
    /// A program failed, or is not there.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let programs: FilePath
    private let output: TemporaryDirectory
    /// The server's user and group, if that is not this process's.
    private let user: (user: uid_t, group: gid_t)?

    init(_ output: TemporaryDirectory) throws {
        let versions = "/usr/lib/postgresql"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
        guard let newest = names.compactMap({ Int($0) }).max() else {
            throw Failure(description: "there is no PostgreSQL in \(versions); packaging/prepare installs it")
        }
        programs = FilePath("\(versions)/\(newest)/bin")
        self.output = output
        guard geteuid() == 0 else {
            user = nil
            return
        }
        guard let entry = getpwnam("postgres") else { throw Failure(description: "there is no user postgres") }
        user = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    /// Gives a file to the server's user.
    func own(_ path: FilePath, mode: mode_t) throws {
        guard chmod(path.string, mode) == 0 else { throw Errno(rawValue: errno) }
        guard let user else { return }
        guard chown(path.string, user.user, user.group) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Runs a program to its end, and returns its output without the last line end.
    @discardableResult
    func run(_ name: String, _ arguments: String...) async throws -> String {
        try await offPool { try run(name, arguments) }
    }

    private func run(_ name: String, _ arguments: [String]) throws -> String {
        let file = try output.write("said-\(UInt64.random(in: 0 ... .max))", "")
        defer { unlink(file.string) }
        // The server's user may not be allowed into the present directory.
        var words = ["/usr/bin/env", "--chdir=/"]
        if let user { words += ["setpriv", "--reuid=\(user.user)", "--regid=\(user.group)", "--clear-groups"] }
        words += [programs.appending(name).string] + arguments
        let status = try Child.wait(for: Child.start(words, output: file))
        let said = try String(contentsOfFile: file.string, encoding: .utf8)
        guard status == 0 else { throw Failure(description: "\(name) \(arguments.joined(separator: " ")): \(said)") }
        return said.hasSuffix("\n") ? String(said.dropLast()) : said
    }
}
