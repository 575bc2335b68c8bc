import NIOCore
import Pipeline
import TestSupport
import Testing
import Threads

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct BodyPumpTests {
    /// Carries `bytes` in chunks of 1 MiB. `took` is how long the client takes for each part. Returns the lengths of
    /// the parts, and checks that they are the bytes.
    private func parts(of bytes: [UInt8], each took: Duration) async throws -> [Int] {
        try await withTransfer { transfer in
            let moves = Counter()
            let pump = BodyPump(for: transfer.loop) {
                moves.add()
                return took
            }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await pump.carry(stream(of: bytes, chunk: 1 << 20)) }
                var (taken, lengths): ([UInt8], [Int]) = ([], [])
                for try await part in pump {
                    taken += Array(buffer: part)
                    lengths.append(part.readableBytes)
                    #expect(moves.value == lengths.count)
                    #expect(pump.taken == taken.count)
                }
                #expect(taken == bytes)
                return lengths
            }
        }
    }

    @Test func `on a slow line each quarter of a chunk is progress`() async throws {
        let lengths = try await parts(of: sampleBytes(2 << 20 + 10), each: .seconds(1))

        #expect(lengths == Array(repeating: 256 << 10, count: 8) + [10])
    }

    @Test func `a progress is told how long ago the last one was`() {
        let clock = ManualClock()
        let watch = ProgressWatch(patience: .seconds(5), clock: clock)

        clock.advance(by: .seconds(2))
        #expect(watch.restart() == .seconds(2))
        clock.advance(by: .seconds(3))
        #expect(watch.restart() == .seconds(3))
    }

    @Test func `on a fast line chunks go whole, after the first part`() async throws {
        let lengths = try await parts(of: sampleBytes(3 << 20 + 10), each: .milliseconds(1))

        #expect(lengths == [256 << 10, 768 << 10, 1 << 20, 1 << 20, 10])
    }
}
