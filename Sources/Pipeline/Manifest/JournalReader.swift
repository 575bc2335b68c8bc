import Glibc
import SystemPackage
import Threads

/// Reads the journal while Outtray writes it: each change once, in order of revision.
///
/// - Goes on when the journal is replaced. The old file then has all changes that the new one stands for
///   (``Journal/replace(_:from:completing:)``), and is read to its end first.
/// - Takes whole lines alone. A line that a crash left unfinished is cut off by the next start, and comes whole then.
/// - If changes cannot be told one by one, a line says `reset`, and the whole journal follows. Either the journal ends
///   before the reader's revision: then it is of another ledger. Or it was replaced, and lacks a later change. That is
///   seen, as revisions have no gaps.
///
/// Its calls block. They take no lock, and work with a running service as without one.
package final class JournalReader: Sendable {
    private struct State {
        /// The journal that is read; nil before the first one is there.
        var file: FileDescriptor?
        /// Where the next line begins.
        var offset: Int64 = 0
        /// The revision of the last line that was given.
        var last: Int64
        /// Lines up to this revision are passed over in this file.
        var base: Int64
        /// Whether the file is read as a whole, and may lack changes that later ones have replaced.
        var isWhole: Bool
        /// Whether the path leads to another file by now.
        var isReplaced = false
    }

    /// How long those who follow the journal rest between two looks.
    package static let pause = Duration.milliseconds(250)
    /// How many bytes one call reads, unless a line is longer.
    private static let step = 1 << 16

    private let path: FilePath
    private let state: Mutex<State>

    /// Reads what comes after this revision. 0: all.
    package init(_ path: FilePath, since revision: Int64) {
        self.path = path
        state = Mutex(State(last: revision, base: revision, isWhole: revision == 0))
    }

    deinit {
        state.withLock { try? $0.file?.close() }
    }

    /// Whole lines that are new; nil if there are none now.
    ///
    /// - Throws: The `Errno` of a journal that is there and cannot be read.
    package func next() throws -> [UInt8]? {
        try state.withLock { state in
            while true {
                if state.file == nil {
                    guard let reset = try open(&state) else { return nil }
                    if !reset.isEmpty { return reset }
                }
                guard let file = state.file else { return nil }
                if let lines = try lines(of: file, &state) {
                    if lines.isEmpty { continue }
                    return lines
                }
                guard isElsewhere(file) else { return nil }
                // The writer may have appended a line between the last look and the replacement.
                guard state.isReplaced else {
                    state.isReplaced = true
                    continue
                }
                state.file = nil
                try? file.close()
            }
        }
    }

    /// Opens the journal. Returns the line that says `reset`, if it is of another ledger, or else nothing; nil if there
    /// is no journal yet.
    private func open(_ state: inout State) throws -> [UInt8]? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
        do {
            // A journal that was just made says nothing yet. It may be replaced at once.
            if try file.seek(offset: 0, from: .end) == 0 {
                try file.close()
                return nil
            }
            state = State(file: file, last: state.last, base: state.last, isWhole: state.last == 0)
            return try PublishedRevision.revision(ofJournal: file) < state.last ? reset(file, &state) : []
        } catch {
            try? file.close()
            throw error
        }
    }

    /// Begins the file anew, as a whole. Returns the line that says so.
    private func reset(_ file: FileDescriptor, _ state: inout State) throws -> [UInt8] {
        let newest = try PublishedRevision.revision(ofJournal: file)
        state = State(file: file, last: 0, base: 0, isWhole: true)
        return Array(#"{"event":"reset","revision":\#(newest)}"#.utf8) + [UInt8(ascii: "\n")]
    }

    /// The next whole lines with a revision that was not given yet. Empty if there were only others; nil at the end.
    ///
    /// A journal that is shorter than before lost lines whose append failed. They come again, in the same bytes.
    private func lines(of file: FileDescriptor, _ state: inout State) throws -> [UInt8]? {
        var size = Self.step
        while true {
            var bytes = [UInt8](repeating: 0, count: size)
            let count = try bytes.withUnsafeMutableBytes {
                try file.read(fromAbsoluteOffset: state.offset, into: $0)
            }
            guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")) else {
                guard count == size else { return nil }
                size *= 2
                continue
            }
            var new: [UInt8] = []
            let start = state.offset
            for line in bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                let revision = ManifestFormat.revision(ofLineHead: line) ?? 0
                let isMissing = !state.isWhole && revision > state.last + 1
                // The lines before the gap go first; the next call comes here again.
                if isMissing { return new.isEmpty ? try reset(file, &state) : new }
                state.offset = start + Int64(line.endIndex) + 1
                guard revision > state.base else { continue }
                new += line
                new.append(UInt8(ascii: "\n"))
                state.last = max(state.last, revision)
            }
            return new
        }
    }

    /// Whether the path leads to another file. False while it leads nowhere: the next file is still to come.
    private func isElsewhere(_ file: FileDescriptor) -> Bool {
        var here = stat()
        var there = stat()
        guard fstat(file.rawValue, &here) == 0, path.withPlatformString({ stat($0, &there) }) == 0 else { return false }
        return here.st_dev != there.st_dev || here.st_ino != there.st_ino
    }
}
