import Glibc
import Pipeline
import SystemPackage
import Watch

/// Where the control socket is, and how it comes there and goes.
///
/// The socket is made in a directory that nobody else may enter, gets its mode there, and is renamed into place. So
/// nobody can connect before the mode is right. A socket that a killed process left is replaced at once.
package struct SocketPlace: Sendable, Equatable {
    /// The most bytes of a socket's path: `sun_path` has 108, and one is the null byte (unix(7)).
    package static let longest = 107

    package let path: FilePath
    /// Whether systemd named the directory (`RuntimeDirectory=`), and not the configuration.
    package let isRuntime: Bool
    /// Where commands look for the socket. In the state directory, as they know no other directory of the service. If
    /// the socket is elsewhere, this is a symbolic link to it.
    package let sign: FilePath

    /// `outtray.sock` in the first directory of `$RUNTIME_DIRECTORY`, else `control.sock` in the state directory.
    package init(_ environment: [String: String], stateDirectory: FilePath) {
        // Several directories are parted by colons (systemd.exec(5)).
        let runtime = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first.map { FilePath(String($0)) }
        isRuntime = runtime != nil
        sign = stateDirectory.appending("control.sock")
        path = runtime?.appending("outtray.sock") ?? sign
    }

    /// The socket of the service that works with a state directory, wherever it is. It may be a dead one.
    package static func ofService(stateDirectory: FilePath) -> FilePath {
        let sign = stateDirectory.appending("control.sock")
        return (try? sign.followingLinks()) ?? sign
    }

    /// What keeps the path from being a socket's; nil if nothing does.
    package var problem: String? {
        let length = path.length
        if String(validating: path) == nil {
            return "the control socket \(path) is no UTF-8 text: choose another place"
        }
        guard length > Self.longest else { return nil }
        return "the control socket would be \(path), which has \(length) bytes; a socket's path has at most "
            + "\(Self.longest): choose a shorter path"
    }

    private var directory: FilePath { path.removingLastComponent() }
    private var workshop: FilePath { directory.appending(".sock") }
    /// Where the socket is made. Not longer than ``path``.
    var birthplace: FilePath { workshop.appending("s") }

    /// Makes the directory in which the socket is made.
    ///
    /// - Throws: ``SocketProblem``, also if somebody serves at the place already.
    func prepare() throws(SocketProblem) {
        if let problem { throw SocketProblem(problem, .fileNameTooLong) }
        if isServed {
            throw SocketProblem("another process serves at \(path): stop it, or use another directory", .addressInUse)
        }
        // A link stays of a service that systemd started and somebody killed.
        if !isRuntime { removeSign() }
        if let status = try? FileStatus.of(path), status.kind != .other {
            throw SocketProblem("\(path) is there and is no socket: move it aside", .fileExists)
        }
        clear()
        guard mkdir(workshop.string, 0o700) == 0 else {
            let error = Errno(rawValue: errno)
            throw SocketProblem("the control socket cannot be made in \(directory): \(error)", error)
        }
    }

    /// Moves the new socket into place. Its owner and group may use it.
    ///
    /// - Throws: ``SocketProblem``.
    func settle() throws(SocketProblem) -> FileIdentity {
        do throws(Errno) {
            guard chmod(birthplace.string, 0o660) == 0 else { throw Errno(rawValue: errno) }
            let identity = FileIdentity(try FileStatus.of(birthplace).version)
            guard rename(birthplace.string, path.string) == 0 else { throw Errno(rawValue: errno) }
            clear()
            putSign()
            return identity
        } catch {
            throw SocketProblem("the control socket cannot be put at \(path): \(error)", error)
        }
    }

    /// Removes the socket, if it is still this one.
    func remove(_ identity: FileIdentity) {
        guard let status = try? FileStatus.of(path), FileIdentity(status.version) == identity else { return }
        unlink(path.string)
        if isRuntime { removeSign() }
    }

    /// Lets commands find the socket. Without the sign they say that no service runs, which a log could not mend.
    private func putSign() {
        guard isRuntime else { return }
        removeSign()
        symlink(path.string, sign.string)
    }

    /// Removes a link, or a socket of a start without a directory of systemd's. Only one service uses the state
    /// directory.
    private func removeSign() {
        if let status = try? FileStatus.of(sign), status.kind == .other { unlink(sign.string) }
    }

    /// Removes what an earlier start may have left of its making.
    func clear() {
        unlink(birthplace.string)
        rmdir(workshop.string)
    }

    /// Whether a process takes connections at the path.
    private var isServed: Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8.prefix(Self.longest)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

/// Why the control socket cannot be served.
package struct SocketProblem: Error, CustomStringConvertible {
    package let description: String
    package let errno: Errno

    init(_ description: String, _ errno: Errno) {
        self.description = description
        self.errno = errno
    }
}
