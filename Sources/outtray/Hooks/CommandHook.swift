import CLinux
import Glibc
import Pipeline
import Subprocess
import SystemPackage
import Threads

/// A hook that is a command: an argument list, never a shell. Exit status 0 is a delivery.
///
/// - The event is JSON on standard input, from a file in memory. A command that does not read it holds up nothing.
/// - The command has a session of its own. At the time limit, its whole process group gets SIGTERM, and SIGKILL 5 s
///   later. A process that the kernel does not end even then (in a read from a disk that hangs, say) is left behind.
/// - Its output is read as it comes, and the last of it kept for the log.
/// - A process that it leaves behind goes on by itself. Nobody reads its output then.
struct CommandHook: HookRunner {
    let command: [String]

    /// From SIGTERM to SIGKILL.
    private static let grace = Duration.seconds(5)
    /// From SIGKILL to the moment at which a process is left behind.
    private static let patience = Duration.seconds(2)

    func run(_ event: HookEvent, within limit: Duration) async -> HookOutcome {
        let output: HookOutput
        let input: FileDescriptor
        do {
            (input, output) = try Self.descriptors(for: event)
        } catch {
            return .failed(HookFailure("it cannot be started: \(error)"))
        }
        let group = Monitor<pid_t?>(nil)
        let end = Monitor<End?>(nil)
        // In no task group: that would wait for a process that cannot be ended.
        let spawned = Task { [input, output] in
            let last = await spawn(event, input: input, output: output.writeEnd) { id in group.change { $0 = id } }
            end.change { $0 = last }
        }
        let first = await Self.wait(for: end, within: limit)
        let isCancelled = Task.isCancelled
        guard first == nil || isCancelled else { return outcome(first, said: await output.finish(), limit: limit) }
        // The end of a cancelled run ends its group. This wait is not cancelled with this task.
        spawned.cancel()
        let last = await Task { await Self.end(of: group, told: end) }.value
        let process = group.read { $0 }
        let said = await output.finish()
        switch (last == nil, isCancelled) {
        case (false, true): return .cancelled
        case (true, true): return .cancelledLeaving(process: process)
        case (false, false): return outcome(.late, said: said, limit: limit)
        case (true, false):
            let left = LeftProcess()
            Task {
                _ = try? await end.value { $0 }
                left.end()
            }
            let number = process.map { "process \($0)" }
            let words = [number, said].compactMap(\.self).joined(separator: "\n")
            let cause = "it took longer than \(limit), and SIGKILL does not end it: it is left behind"
            return .failedLeaving(HookFailure(cause, said: words.isEmpty ? nil : words), left)
        }
    }

    /// How a cancelled run ended; nil if SIGKILL does not end it, or if it was not started in time.
    ///
    /// The kernel is asked in the end. On a busy machine it knows of the process's end long before this task is told.
    private static func end(of group: Monitor<pid_t?>, told end: Monitor<End?>) async -> End? {
        let last = await wait(for: end, within: grace + patience)
        guard let process = group.read({ $0 }) else { return last }
        kill(-process, SIGKILL)
        guard last == nil, await hasEnded(process, within: patience) else { return last }
        return try? await end.value { $0 }
    }

    /// Whether a child ends within this time. It need not have been waited for.
    private static func hasEnded(_ process: pid_t, within limit: Duration) async -> Bool {
        let looks = 20
        for _ in 0..<looks {
            if hasEnded(process) { return true }
            try? await rest(for: limit / looks)
        }
        return hasEnded(process)
    }

    /// Whether a child has ended. One that was waited for is no child any more.
    private static func hasEnded(_ process: pid_t) -> Bool {
        var found = siginfo_t()
        guard waitid(P_PID, id_t(process), &found, WEXITED | WNOHANG | WNOWAIT) == 0 else { return errno == ECHILD }
        // 0 while the child runs (https://man7.org/linux/man-pages/man2/waitid.2.html).
        return found.si_signo == SIGCHLD
    }

    /// How a run ended, once it has; nil if that takes longer, or the task is cancelled.
    private static func wait(for end: Monitor<End?>, within limit: Duration) async -> End? {
        await withTaskGroup(of: End?.self) { tasks in
            tasks.addTask { try? await end.value { $0 } }
            tasks.addTask {
                try? await rest(for: limit)
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
    }

    /// How a run ended.
    private enum End: Hashable, Sendable {
        case ended(TerminationStatus)
        /// It was not started, for this reason.
        case failed(String)
        /// The time limit has come.
        case late
    }

    private func outcome(_ end: End?, said: String?, limit: Duration) -> HookOutcome {
        switch end {
        case nil: .cancelled
        case .ended(let status) where status.isSuccess: .delivered
        case .ended(.exited(let code)): .failed(HookFailure("it ended with status \(code)", said: said))
        case .ended(.signaled(let signal)): .failed(HookFailure("it was ended by signal \(signal)", said: said))
        case .failed(let reason): .failed(HookFailure(reason, said: said))
        case .late: .failed(HookFailure("it took longer than \(limit) and was ended", said: said))
        }
    }

    /// Runs the command to its end. A cancellation ends its process group. `begun` is told the group's number.
    private func spawn(
        _ event: HookEvent,
        input: FileDescriptor,
        output: FileDescriptor,
        begun: @escaping @Sendable (pid_t) -> Void
    ) async -> End {
        let program = command[0]
        // The program may lie on a disk that hangs: the time limit then leaves this question behind.
        let trouble: String?
        do {
            trouble = try await BlockingThreads.ofHooks.run { Self.trouble(with: program) }
        } catch {
            trouble = "it was not started in time"
        }
        if let trouble {
            try? input.close()
            try? output.close()
            return .failed(trouble)
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)
        ]
        do {
            let result = try await Subprocess.run(
                .path(FilePath(command[0])),
                arguments: Arguments(Array(command.dropFirst())),
                environment: .custom(Self.environment(of: event)),
                workingDirectory: "/",
                platformOptions: options,
                input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                begun(execution.processIdentifier.value)
            }
            return .ended(result.terminationStatus)
        } catch {
            return .failed("it cannot be started: \(error)")
        }
    }

    /// What keeps the command from being started, in words; nil if nothing is known. The words of a failed spawn would
    /// name our own inner steps.
    ///
    /// It looks at the interpreters of a script, too. execve(2) opens them, and while it hangs, the library starts no
    /// other command. Blocks.
    static func trouble(with program: String) -> String? {
        var path = program
        var script: String?
        // So many interpreters may each be a script (https://man7.org/linux/man-pages/man2/execve.2.html).
        for _ in 0...4 {
            guard access(path, X_OK) == 0 else {
                let failure = Errno(rawValue: errno)
                return "\(path)\(script.map { ", which \($0) names," } ?? "") cannot be started: \(failure)"
            }
            guard let interpreter = interpreter(of: path) else { return nil }
            (script, path) = (path, interpreter)
        }
        return nil
    }

    /// The program that the first line of a script names; nil for anything else, or if it cannot be read.
    private static func interpreter(of path: String) -> String? {
        guard
            let file = try? FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec]),
            let head = try? file.closeAfter({ try file.read(first: 256) }), head.starts(with: "#!".utf8)
        else { return nil }
        let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return words.first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Variables of this process that a command inherits. Keys of accounts may be in others.
    private static let inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"]

    /// Each `name=value` with its null, as the library hands raw bytes to execve(2) as they are.
    private static func environment(of event: HookEvent) -> [[UInt8]] {
        let own = inherited.compactMap { name in getenv(name).map { (name, Array(String(cString: $0).utf8)) } }
        return (own + event.environment).map { name, value in Array("\(name)=".utf8) + value + [0] }
    }

    /// The command's input and output.
    private static func descriptors(for event: HookEvent) throws -> (FileDescriptor, HookOutput) {
        let input = try file(holding: event.body)
        do {
            return (input, try HookOutput())
        } catch {
            try? input.close()
            throw error
        }
    }

    /// A file in memory with these bytes, to be read from its start.
    private static func file(holding bytes: [UInt8]) throws -> FileDescriptor {
        let number = clinux_memory_file("outtray-event")
        guard number >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: number)
        do {
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            throw error
        }
    }
}

extension FileDescriptor {
    /// Up to so many bytes from the beginning.
    fileprivate func read(first count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
