import SystemPackage
import Threads

/// Writes `manifest.json`: one consistent moment of the ledger. It writes row by row, so memory does not grow with it.
final class SnapshotFile: Sendable {
    private enum Section {
        case before
        case entries
        case rejected
    }

    private struct State: ~Copyable {
        let file: AtomicFile
        var section = Section.before
        var isFirst = true
        var revision: Int64 = 0
    }

    private let state: Mutex<State>
    private let generatedAt: Timestamp

    private init(_ plan: ManifestPlan, at time: Timestamp) throws {
        generatedAt = time
        state = Mutex(State(file: try AtomicFile(plan.snapshot, mode: plan.mode)))
    }

    /// Replaces the snapshot and returns its revision. Calls `step` after each step of the work.
    static func write(
        _ plan: ManifestPlan,
        from source: any ManifestSource,
        step: @escaping @Sendable () -> Void = {}
    ) async throws -> Int64 {
        let file = try await offPool { try SnapshotFile(plan, at: .now()) }
        do {
            step()
            try await source.snapshot(by: .section) { revision in
                try file.start(revision)
                step()
            } row: { row in
                try file.add(row)
                step()
            }
            return try await offPool { try file.commit() }
        } catch {
            try await offPool { file.discard() }
            throw error
        }
    }

    private func start(_ revision: Int64) throws {
        var head = JSONText()
        head.member("schema", .integer(ManifestFormat.schema))
        head.member("revision", .integer(revision))
        head.member("generatedAt", .string(generatedAt.iso8601))
        try state.withLock {
            $0.revision = revision
            $0.section = .entries
            try $0.file.write("{" + head.text + ",\"entries\":{")
        }
    }

    private func add(_ row: ManifestRow) throws {
        guard row.shown else { return }
        try state.withLock { state in
            if case .rejected = row.content, state.section == .entries { try Self.beginRejected(&state) }
            try state.file.write((state.isFirst ? "\n" : ",\n") + ManifestFormat.member(row))
            state.isFirst = false
        }
    }

    private func commit() throws -> Int64 {
        try state.withLock { state in
            if state.section == .entries { try Self.beginRejected(&state) }
            try state.file.write("\n}}\n")
            try state.file.commit()
            return state.revision
        }
    }

    private func discard() {
        state.withLock { $0.file.discard() }
    }

    private static func beginRejected(_ state: inout State) throws {
        try state.file.write("\n},\"rejected\":{")
        state.section = .rejected
        state.isFirst = true
    }
}
