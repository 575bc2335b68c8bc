import Foundation
import Glibc
import Testing

extension RunningProcess {
    /// Whether it stands still: it has stopped itself at a point that `OUTTRAY_STOP_AT` names.
    var isStopped: Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
        // The state is what follows the name, which is in parentheses: proc(5).
        return text.split(separator: ")").last?.first { $0 != " " } == "T"
    }

    /// Does something while the process stands still at the point where it stops next, and lets it go on.
    func whileStopped(_ body: () throws -> Void) async throws {
        try await wait(for: "the process to stop", until: { isStopped }, state: { log })
        try body()
        try send(SIGCONT)
    }
}
