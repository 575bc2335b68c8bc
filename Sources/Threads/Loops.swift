/// The loops of the running service. A watchdog checks that they turn.
///
/// A loop joins the register in ``current``, a task-local value. Loops work without a register, too.
package final class Loops: Sendable {
    @TaskLocal package static var current: Loops?

    private let members = Mutex<(loops: [Int: Loop], last: Int)>(([:], 0))

    package init() {}

    /// A loop that begins now. `wake` makes the loop come round although nothing happened. Nil if the loop may rest for
    /// ever.
    package static func join(_ name: String, wake: (@Sendable () -> Void)? = nil) -> Loop {
        let register = current
        let id = register?.members.withLock { members in
            members.last += 1
            return members.last
        }
        let loop = Loop(name, id: id ?? 0, register: register, wake: wake)
        register?.members.withLock { $0.loops[loop.id] = loop }
        return loop
    }

    fileprivate func leave(_ id: Int) {
        members.withLock { _ = $0.loops.removeValue(forKey: id) }
    }

    /// The present state of all loops. Also asks each loop with a `wake` for a sign of life by the next look.
    package func readings() -> [Int: LoopWatch.Reading] {
        let loops = members.withLock { $0.loops }
        let looks = loops.mapValues(\.look)
        for loop in loops.values { loop.wake?() }
        return looks
    }
}

/// One loop. It notes each of its steps, and the calls in a step that wait for a file system.
package final class Loop: Sendable {
    /// The loop of the present step. Through it, a call deep beneath the step can say that it waits for a disk.
    @TaskLocal static var current: Loop?

    private struct State {
        var count = 0
        /// Steps under way: one, or none while the loop waits for something to happen.
        var steps = 0
        /// Calls under way that wait for a file system's answer.
        var atDisk = 0
    }

    fileprivate let wake: (@Sendable () -> Void)?
    fileprivate let id: Int
    private let name: String
    private let register: Loops?
    private let state = Mutex(State())

    fileprivate init(_ name: String, id: Int, register: Loops?, wake: (@Sendable () -> Void)?) {
        self.name = name
        self.id = id
        self.register = register
        self.wake = wake
    }

    /// Runs one step. Between steps the loop waits for something to happen.
    package func step<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        begin()
        defer { end() }
        return try await Self.$current.withValue(self) { try await work() }
    }

    /// Notes progress within the present step: part of its work is done, or it will try again.
    package static func goesOn() {
        current?.state.withLock { $0.count += 1 }
    }

    /// Runs a call that waits for a file system's answer, as part of the present step.
    package static func atDisk<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        let loop = current
        loop?.state.withLock { $0.atDisk += 1 }
        defer {
            loop?.state.withLock { state in
                state.atDisk -= 1
                state.count += 1
            }
        }
        return try await work()
    }

    /// Leaves the register, because the loop has ended.
    package func leave() {
        register?.leave(id)
    }

    fileprivate var look: LoopWatch.Reading {
        state.withLock { state in
            LoopWatch.Reading(
                name: name,
                count: state.count,
                mayRest: state.steps == 0 && wake == nil,
                waitsForDisk: state.atDisk > 0
            )
        }
    }

    private func begin() {
        state.withLock { state in
            state.count += 1
            state.steps += 1
        }
    }

    private func end() {
        state.withLock { state in
            state.count += 1
            state.steps -= 1
        }
    }
}
