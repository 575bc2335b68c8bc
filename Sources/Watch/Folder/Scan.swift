/// A scan: a walk over the whole folder.
///
/// It is over when all events until the walk's end have been handled as well. A file may move from an unread directory
/// to one that was read already, and then only the events show it.
struct Scan {
    private enum Stage: Equatable {
        case none
        /// `again`: why another scan must follow, as something was lost meanwhile. `whole`: everything could be read.
        case walking(again: ScanCause?, whole: Bool)
        /// Walked. Waits until the event of this watch has been handled.
        case waiting(mark: Int32)
        /// Walked, and all events until then are handled. Waits for the directories that those events brought.
        case catchingUp
    }

    /// The result of a walk.
    enum WalkEnd: Equatable {
        /// Another scan has to follow, for this cause.
        case again(ScanCause)
        /// Something could not be read.
        case inPart
        case whole
    }

    private var stage = Stage.none
    /// The number of the last scan; 0 before the first.
    private(set) var number = 0

    /// Whether no scan is under way.
    var isOver: Bool { stage == .none }

    var isWalking: Bool { if case .walking = stage { true } else { false } }

    var isCatchingUp: Bool { stage == .catchingUp }

    /// Begins a scan. Returns false if one is walking: another scan then follows it.
    mutating func begin(_ cause: ScanCause) -> Bool {
        if case .walking(let again, let whole) = stage {
            stage = .walking(again: again ?? cause, whole: whole)
            return false
        }
        number += 1
        stage = .walking(again: nil, whole: true)
        return true
    }

    /// A directory could not be read.
    mutating func leaveOut() {
        if case .walking(let again, _) = stage { stage = .walking(again: again, whole: false) }
    }

    /// Ends the walk. Nil if none was under way.
    mutating func endWalk() -> WalkEnd? {
        guard case .walking(let again, let whole) = stage else { return nil }
        stage = .none
        if let again { return .again(again) }
        return whole ? .whole : .inPart
    }

    /// After the walk, waits for the event of this watch.
    mutating func wait(for mark: Int32) {
        stage = .waiting(mark: mark)
    }

    /// Takes an event of a watch. Returns whether it is the one that the scan waits for.
    mutating func takes(_ watch: Int32) -> Bool {
        guard stage == .waiting(mark: watch) else { return false }
        stage = .catchingUp
        return true
    }

    /// Ends the scan.
    mutating func end() {
        stage = .none
    }
}
