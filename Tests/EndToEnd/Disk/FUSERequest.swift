import Glibc

/// One request of the kernel's FUSE protocol, and its answer (linux/fuse.h, version 7).
///
/// The file system is one directory of files: node 1 is the directory, node 2 the first file.
struct FUSERequest: Sendable {
    enum Operation: UInt32 {
        case lookUp = 1
        case forget = 2
        case attributes = 3
        case open = 14
        case read = 15
        case statistics = 17
        case release = 18
        case flush = 25
        case initialize = 26
        case openDirectory = 27
        case readDirectory = 28
        case releaseDirectory = 29
        case interrupt = 36
        case forgetMany = 42
        /// Any operation that this file system does not know.
        case other = 0

        var isAnswered: Bool { ![.forget, .interrupt, .forgetMany].contains(self) }
    }

    typealias Files = [(name: String, bytes: [UInt8])]

    let operation: Operation
    let unique: UInt64
    private let node: UInt64
    /// The message after its header of 40 bytes.
    private let body: [UInt8]

    init?(_ message: ArraySlice<UInt8>) {
        let bytes = Array(message)
        guard bytes.count >= 40 else { return nil }
        operation = Operation(rawValue: bytes.number(at: 4)) ?? .other
        unique = bytes.number(at: 8)
        node = bytes.number(at: 16)
        body = Array(bytes[40...])
    }

    /// Of a read: in bytes. Of a directory: the number of entries before it.
    var offset: UInt64 { body.number(at: 8) }

    /// The request that an interrupt concerns.
    var interrupted: UInt64? { operation == .interrupt ? body.number(at: 0) : nil }

    private var size: Int { Int(body.number(at: 16) as UInt32) }

    /// The whole message of the answer.
    func reply(for files: Files) -> [UInt8] {
        let content: [UInt8]?
        var failure = ENOENT
        switch operation {
        case .initialize: content = initialization
        case .lookUp: content = entry(in: files)
        case .attributes: content = attributes(of: node, in: files).map { UInt64(0).bytes + UInt64(0).bytes + $0 }
        // FOPEN_DIRECT_IO: every read becomes a request; the kernel answers none from its cache.
        case .open: content = UInt64(0).bytes + UInt32(1).bytes + UInt32(0).bytes
        case .openDirectory: content = UInt64(0).bytes + UInt64(0).bytes
        case .read: content = file(node, in: files).map { Array($0.dropFirst(Int(offset)).prefix(size)) }
        case .readDirectory: content = listing(of: files)
        case .release, .releaseDirectory, .flush: content = []
        case .statistics:
            // f_bsize and f_namelen.
            content =
                [UInt8](repeating: 0, count: 40) + UInt32(4096).bytes + UInt32(255).bytes
                + [UInt8](repeating: 0, count: 32)
        default:
            content = nil
            failure = ENOSYS
        }
        guard let content else { return refusal(failure) }
        return UInt32(16 + content.count).bytes + UInt32(0).bytes + unique.bytes + content
    }

    /// The message for a failed request.
    func refusal(_ failure: Int32) -> [UInt8] { UInt32(16).bytes + (-failure).bytes + unique.bytes }

    /// Version 7.31, no flags, reads ahead 0, writes 4096, times in nanoseconds.
    private var initialization: [UInt8] {
        let fields: [UInt32] = [7, 31, 0, 0, 0, 4096, 1]
        return fields.flatMap(\.bytes) + [UInt8](repeating: 0, count: 64 - fields.count * 4)
    }

    private func entry(in files: Files) -> [UInt8]? {
        let name = String(decoding: body.prefix { $0 != 0 }, as: UTF8.self)
        guard let index = files.firstIndex(where: { $0.name == name }) else { return nil }
        let node = UInt64(index + 2)
        guard let attributes = attributes(of: node, in: files) else { return nil }
        // No generation; the kernel may cache nothing.
        return node.bytes + [UInt8](repeating: 0, count: 32) + attributes
    }

    private func attributes(of node: UInt64, in files: Files) -> [UInt8]? {
        let size: Int
        if node == 1 {
            size = 0
        } else {
            guard let file = file(node, in: files) else { return nil }
            size = file.count
        }
        let mode: UInt32 = node == 1 ? S_IFDIR | 0o755 : S_IFREG | 0o644
        let time: UInt64 = 1_700_000_000
        let numbers = [node, UInt64(size), UInt64(size / 512 + 1), time, time, time]
        let rest: [UInt32] = [0, 0, 0, mode, 1, 0, 0, 0, 4096, 0]
        return numbers.flatMap(\.bytes) + rest.flatMap(\.bytes)
    }

    private func file(_ node: UInt64, in files: Files) -> [UInt8]? {
        node >= 2 && node - 2 < files.count ? files[Int(node - 2)].bytes : nil
    }

    private func listing(of files: Files) -> [UInt8] {
        var listing: [UInt8] = []
        for (index, file) in files.enumerated().dropFirst(Int(offset)) {
            let name = Array(file.name.utf8)
            var entry = UInt64(index + 2).bytes + UInt64(index + 1).bytes
            entry += UInt32(name.count).bytes + UInt32(DT_REG).bytes + name
            entry += [UInt8](repeating: 0, count: (8 - entry.count % 8) % 8)
            if listing.count + entry.count > size { break }
            listing += entry
        }
        return listing
    }
}

extension FixedWidthInteger {
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}

extension [UInt8] {
    /// The number at `offset`, in the machine's own byte order, as the kernel writes it.
    fileprivate func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
        guard offset + MemoryLayout<Number>.size <= count else { return 0 }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}
