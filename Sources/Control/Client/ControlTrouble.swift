import AsyncHTTPClient
import Glibc
import NIOCore
import SystemPackage

/// Why a question to the running service has no answer.
package enum ControlTrouble: Error, CustomStringConvertible {
    /// No service listens at the socket.
    case noService(FilePath)
    /// The user may not use the socket.
    case noPermission(FilePath)
    /// The service refused the question, in its own words.
    case refused(code: String, message: String, hint: String)
    /// The service did not answer in time.
    case silent(FilePath)
    /// The answer ended before its end.
    case brokenOff(String)
    /// Something else answers.
    case strange(String)

    init(_ error: any Error, _ socket: FilePath) {
        switch error {
        case let error as IOError where [ENOENT, ECONNREFUSED].contains(error.errnoCode): self = .noService(socket)
        case let error as IOError where [EACCES, EPERM].contains(error.errnoCode): self = .noPermission(socket)
        case let error as HTTPClientError
        where [.deadlineExceeded, .readTimeout, .connectTimeout].contains(error):
            self = .silent(socket)
        default: self = .brokenOff("\(error)")
        }
    }

    package var description: String {
        switch self {
        case .noService(let socket): "no service runs: nobody answers at \(socket)"
        case .noPermission(let socket): "this user may not use \(socket): run the command as the service's user"
        case .refused(_, let message, let hint): hint.isEmpty ? message : "\(message): \(hint)"
        case .silent(let socket): "the service did not answer in time at \(socket)"
        case .brokenOff(let reason): "the service's answer was broken off: \(reason)"
        case .strange(let reason): reason
        }
    }
}
