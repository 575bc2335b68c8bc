import NIOCore
import Pipeline
import TestSupport
import Testing
import Threads

@testable import Providers

@Suite(.timeLimit(.minutes(5))) struct BodyPumpTests {
    private let part = 256 << 10

    /// Carries `bytes` in chunks of 1 MiB. `took` is how long the client takes for each part; it begins anew after the
    /// last one. Returns the lengths of the parts, and checks that they are the bytes.
    private func parts(of bytes: [UInt8], each took: Duration...) async throws -> [Int] {
        try await withTransfer { transfer in
            let moves = Counter()
            let pump = BodyPump(for: transfer.loop) {
                moves.add()
                return took[(moves.value - 1) % took.count]
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

        #expect(lengths == Array(repeating: part, count: 8) + [10])
    }

    @Test func `a slow line from which the client takes two parts at once is not taken for a fast one`() async throws {
        let lengths = try await parts(of: sampleBytes(2 << 20), each: .seconds(5), .zero)

        #expect(lengths == Array(repeating: part, count: 8))
    }

    @Test func `a line that becomes slow has short parts again`() async throws {
        let lengths = try await parts(of: sampleBytes(4 << 20), each: .zero, .zero, .zero, .zero, .seconds(5))

        #expect(Array(lengths.prefix(6)) == [part, part, part, part, 4 * part, part])
    }

    @Test func `a progress is told how long ago the last one was`() {
        let clock = ManualClock()
        let watch = ProgressWatch(patience: .seconds(5), clock: clock)

        clock.advance(by: .seconds(2))
        #expect(watch.restart() == .seconds(2))
        clock.advance(by: .seconds(3))
        #expect(watch.restart() == .seconds(3))
    }

    @Test func `on a fast line chunks go whole, after the first parts`() async throws {
        let lengths = try await parts(of: sampleBytes(3 << 20 + 10), each: .milliseconds(1))

        #expect(lengths == [part, part, part, part, 4 * part, 4 * part, 10])
    }
}
