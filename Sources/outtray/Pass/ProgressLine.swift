import Glibc
import Pipeline
import SystemPackage
import Threads

/// A progress bar on one line of the terminal, for the file that moved last. Without a terminal it shows nothing.
final class ProgressLine: Sendable {
    private struct State {
        var isDrawn = false
        var percent = -1
        var path: FilePath?
    }

    private static let width = 30
    private let isOn = Console.isTerminal
    private let state = Mutex(State())

    func observe(_ event: PipelineEvent) {
        guard isOn, case .sending(let file, let sent) = event, file.size > 0 else { return }
        let percent = Int(sent * 100 / file.size)
        state.withLock { state in
            guard percent != state.percent || file.path != state.path else { return }
            state = State(isDrawn: true, percent: percent, path: file.path)
            let full = Self.width * percent / 100
            let bar = String(repeating: "#", count: full) + String(repeating: "-", count: Self.width - full)
            let name = file.path.lastComponent.map { printablePath(FilePath(root: nil, components: $0)) } ?? ""
            let size = "\(ByteCount(sent)) of \(ByteCount(file.size))"
            Console.write("\r\u{1B}[K[\(bar)] \(percent) %  \(size)  \(name)", to: STDERR_FILENO)
        }
    }

    /// Leaves a clean line.
    func end() {
        state.withLock { state in
            if state.isDrawn { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
            state.isDrawn = false
        }
    }
}
