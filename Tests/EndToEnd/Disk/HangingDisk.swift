import CLinux
import Foundation
import Glibc
import SystemPackage
import Testing
import Threads

/// A file system that stops answering on command, like a dead network disk.
///
/// It is one directory of files. This process serves it through FUSE, for processes in its mount namespace. It needs
/// the same as ``SmallDisk``, and `/dev/fuse`.
final class HangingDisk: MountedDisk {
    /// The requests that get no answer.
    enum Hang {
        case nothing
        /// Reads at this offset or behind it.
        case reads(from: UInt64)
        case all

        fileprivate func concerns(_ request: FUSERequest) -> Bool {
            switch self {
            case .nothing: false
            case .reads(let start): request.operation == .read && request.offset >= start
            case .all: true
            }
        }
    }

    private struct State {
        var files: [(name: String, bytes: [UInt8])] = []
        var hang = Hang.nothing
        var unanswered: [FUSERequest] = []
        var keepsKilled = false
    }

    let holder: Int32
    private let device: FileDescriptor
    private let state = Mutex(State())

    fileprivate init(holder: Int32) throws {
        self.holder = holder
        let taken = clinux_take_descriptor(holder, 3)
        guard taken >= 0 else { throw Errno(rawValue: errno) }
        device = FileDescriptor(rawValue: taken)
    }

    deinit {
        try? device.close()
    }

    /// Adds a file.
    func add(_ name: String, _ bytes: [UInt8]) {
        state.withLock { $0.files.append((name, bytes)) }
    }

    func hang(_ hang: Hang) {
        state.withLock { $0.hang = hang }
    }

    /// From now on, a process that waits for the disk does not end, not even by SIGKILL.
    func keepKilled() {
        state.withLock { $0.keepsKilled = true }
    }

    /// The number of requests that wait for an answer.
    var unanswered: Int { state.withLock { $0.unanswered.count } }

    /// Answers all waiting requests, and every request from now on.
    func letGo() {
        let waiting = state.withLock { state in
            defer { state.unanswered = [] }
            state.hang = .nothing
            return state.unanswered
        }
        for request in waiting { answer(request) }
    }

    /// Serves requests until the disk is unmounted.
    fileprivate func serve() {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(device.rawValue, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == ENOENT || errno == EAGAIN { continue }
            guard count > 0, let request = FUSERequest(buffer[..<count]) else { return }
            let hangs = state.withLock { state in
                // The initial request always gets its answer: without it nothing would be mounted.
                guard request.operation.isAnswered, request.operation != .initialize, state.hang.concerns(request)
                else { return false }
                state.unanswered.append(request)
                return true
            }
            if let interrupted = request.interrupted { interrupt(interrupted) }
            if !hangs { answer(request) }
        }
    }

    /// Answers a waiting request with EINTR, because a signal came for its process.
    ///
    /// Without an answer, the kernel would keep the process waiting, even against SIGKILL. Then nothing could end a
    /// process that hangs here. (The kernel's own network disks let the process go.)
    private func interrupt(_ unique: UInt64) {
        let request = state.withLock { state -> FUSERequest? in
            if state.keepsKilled { return nil }
            return state.unanswered.firstIndex { $0.unique == unique }.map { state.unanswered.remove(at: $0) }
        }
        if let request { send(request.refusal(EINTR)) }
    }

    private func answer(_ request: FUSERequest) {
        guard request.operation.isAnswered else { return }
        let files = state.withLock { $0.files }
        send(request.reply(for: files))
    }

    private func send(_ reply: [UInt8]) {
        // The asking process may be gone by now, so the result does not matter.
        _ = reply.withUnsafeBytes { write(device.rawValue, $0.baseAddress, $0.count) }
    }
}

/// Mounts a hanging disk on a directory while `body` works. At the end, it answers all waiting requests.
func withHangingDisk(on path: FilePath, _ body: (HangingDisk) async throws -> Void) async throws {
    let options = "fd=3,rootmode=40000,user_id=0,group_id=0"
    try await withMount("exec 3<>/dev/fuse && mount -i -t fuse -o \(options) hanging '\(path)'", on: path) { process in
        let disk = try HangingDisk(holder: process.id)
        Thread.detachNewThread { disk.serve() }
        defer { disk.letGo() }
        try await body(disk)
    }
}
