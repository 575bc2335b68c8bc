import SystemPackage
import Watch

/// The newest revision that the manifest's two files show. It is found without reading them whole, as each start asks.
///
/// The ledger is always as new: a change is on disk there before any of the two files shows it.
package enum PublishedRevision {
    /// In bytes. The snapshot's revision stands within its first line.
    private static let head = 4096
    /// In bytes. The journal is read from its end in steps of this size.
    private static let step: Int64 = 1 << 16

    /// Nil if neither file is there; 0 if none has a revision that can be read. Blocks.
    ///
    /// - Throws: ``NotRegular``, or the `Errno` of a file that is there and cannot be read.
    package static func newest(in plan: ManifestPlan) throws -> Int64? {
        let found = [
            try RegularFile.readingIfThere(plan.snapshot, revision(ofSnapshot:)),
            try RegularFile.readingIfThere(plan.journal, revision(ofJournal:)),
        ]
        return found.compactMap(\.self).max()
    }

    /// The revision of a snapshot, also of one that is cut after its head.
    static func revision(ofSnapshot text: [UInt8]) -> Int64 {
        if let whole = try? ManifestText(text) { return whole.revision }
        return ManifestFormat.revision(ofSnapshotHead: text) ?? 0
    }

    private static func revision(ofSnapshot file: FileDescriptor) throws -> Int64 {
        let start = try bytes(of: file, 0..<Int64(head))
        // A person's editor may have written it in another form.
        return try ManifestFormat.revision(ofSnapshotHead: start) ?? revision(ofSnapshot: file.readAll())
    }

    /// The revision of the last line that can be read. Revisions ascend.
    static func revision(ofJournal file: FileDescriptor) throws -> Int64 {
        var start = try file.seek(offset: 0, from: .end)
        var tail: [UInt8] = []
        while start > 0 {
            let before = max(0, start - step)
            tail = try bytes(of: file, before..<start) + tail
            start = before
            let lines = tail.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            // The first line may begin before these bytes.
            let whole = start > 0 ? lines.dropFirst() : lines[...]
            if let revision = whole.reversed().lazy.compactMap(revision(ofLine:)).first { return revision }
            tail = lines.first.map(Array.init) ?? []
        }
        return 0
    }

    /// Nil for a line that is cut short or not ours.
    private static func revision(ofLine line: ArraySlice<UInt8>) -> Int64? {
        guard case .object(let fields)? = try? JSONReader.value(of: line), fields["event"] != nil else { return nil }
        return fields["revision"]?.int64
    }

    /// Bytes of this range; fewer if the file ends before it does.
    private static func bytes(of file: FileDescriptor, _ range: Range<Int64>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
        var count = 0
        while count < bytes.count {
            let read = try bytes[count...].withUnsafeMutableBytes { buffer in
                try file.read(fromAbsoluteOffset: range.lowerBound + Int64(count), into: buffer)
            }
            if read == 0 { break }
            count += read
        }
        return Array(bytes[..<count])
    }
}
