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
        let status = try Self.status(words, output: file)
        let said = try String(contentsOfFile: file.string, encoding: .utf8)
        guard status == 0 else { throw Failure(description: "\(name) \(arguments.joined(separator: " ")): \(said)") }
        return said.hasSuffix("\n") ? String(said.dropLast()) : said
    }

    /// Runs a program to its end. Its output goes to a file: a server that pg_ctl starts keeps its output open.
    ///
    /// Not by Foundation's Process: that waits until nobody has a descriptor any more which the server inherits.
    private static func status(_ words: [String], output: FilePath) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.string, O_WRONLY | O_APPEND, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let copies = words.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        var process = pid_t()
        // Without what this process's environment may say of another server.
        let variables = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"]
        let environment = variables.map { strdup($0) } + [nil]
        defer { for copy in environment { free(copy) } }
        let failure = posix_spawn(&process, words[0], &actions, nil, copies, environment)
        guard failure == 0 else { throw Errno(rawValue: failure) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        return status
    }
}
