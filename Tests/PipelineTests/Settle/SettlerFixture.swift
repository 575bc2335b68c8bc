import Ledger
import SystemPackage
import TestSupport
import Threads
import Watch

@testable import Pipeline

/// A settler with a ledger and a folder, whose steps a test takes one by one.
struct SettlerFixture {
    let directory: TemporaryDirectory
    let ledger: SQLiteLedger
    let clock = ManualClock()
    let wall: WallTime
    let events = RecordedEvents()
    private(set) var settler: Settler<ManualClock>
    let plan: FolderPlan
    private let mostPending: Int

    /// `plan` makes the folder's plan. `mostPending`: how many files its window has room for.
    init(mostPending: Int = 32_768, _ plan: (TemporaryDirectory) -> FolderPlan) throws {
        self.mostPending = mostPending
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
        wall = WallTime()
        self.plan = plan(directory)
        settler = Self.settler(self.plan, ledger, clock, wall, events, mostPending)
    }

    private static func settler(
        _ plan: FolderPlan,
        _ ledger: SQLiteLedger,
        _ clock: ManualClock,
        _ wall: WallTime,
        _ events: RecordedEvents,
        _ mostPending: Int
    ) -> Settler<ManualClock> {
        Settler(
            folders: [plan],
            queue: ledger,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            mostPending: mostPending,
            wallTime: { wall.now },
            observer: events.observer
        )
    }

    /// Begins as a process does that knows nothing but the ledger and the disk.
    mutating func restart() {
        settler = Self.settler(plan, ledger, clock, wall, events, mostPending)
    }

    /// Takes all looks that are due after this time. Returns the files that have settled.
    func step(after duration: Duration = .zero) async -> [FilePath] {
        clock.advance(by: duration)
        wall.advance(by: duration)
        let settled = Mutex<[FilePath]>([])
        for folder in await settler.takeShelves() { await settler.takeShelved(of: folder) }
        for quiet in await settler.takeQuiet() {
            await settler.look(at: quiet) { file in settled.withLock { $0.append(file.path) } }
        }
        return settled.withLock { $0 }
    }

    func changed(_ path: FilePath, renamed: Bool = false) async {
        await settler.changed(path, folder: plan.name, renamed: renamed)
    }

    /// What a scan finds at a path now.
    func found(_ path: FilePath) throws -> FoundFile {
        FoundFile(folder: plan.name, path: path, version: try FileStatus.of(path).version)
    }

    /// Why a file still settles; nil if it does not.
    func reason(_ path: FilePath) async throws -> String? {
        let record = try await ledger.record(of: path)
        return record?.state == .settling ? record?.reason : nil
    }
}

/// A wall clock that stands still until a test moves it. It begins with the real time, as files have real times.
final class WallTime: Sendable {
    private let time = Mutex(Timestamp.now())

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
}
