import SystemPackage
import Watch

/// Step 2 of a try: does the account have the file's bytes already, or may it have them?
extension UploadJob {
    /// The result of step 2.
    enum KnownBytes {
        case ended(Outcome)
        /// With the digest of the file's bytes, if they were read, and this host's claim on them in a fleet.
        case goesUp(SHA256Digest?, HeldContent? = nil)
    }

    /// Step 2. If equal bytes are under way, the file waits for them, but not for long. Then it gives its slot back.
    func findKnownBytes(in source: UploadSource) async throws -> KnownBytes {
        let number = flight.number
        let mayBeKnown = try await mayHaveKnownBytes()
        guard mayBeKnown || source.whole != nil else { return .goesUp(nil) }
        guard let digest = try await digest(of: source) else {
            return .ended(await changed("it changed while it was read", source))
        }
        await account.flights.publish(digest, of: number)
        guard mayBeKnown else { return .goesUp(digest) }
        if let reason = try await account.flights.waitForTurn(of: number, digest: digest, clock: account.clock) {
            return .ended(.waits(reason: reason))
        }
        while let known = try await account.durably({ try await account.book.asset(size: file.size, sha256: digest) }) {
            let leave = try await leave(for: known)
            if case .assetIsGone = leave {
                try await recordGone(known)
                continue
            }
            return .ended(try await reuse(known, leave))
        }
        return try await claim(digest)
    }

    private func reuse(_ known: KnownAsset, _ leave: Leave) async throws -> Outcome {
        let movedFrom = try await vacatedPath(of: known)
        try await account.durably {
            try await account.book.reuse(known, for: file, movedFrom: movedFrom, leaving: leave.action, at: .now())
        }
        CrashPoint.knownBytesRecorded.reached()
        carryOut(leave)
        return .reused(movedFrom: movedFrom)
    }

    /// Runs `upload`. If another file of this size comes meanwhile, reads this file beside its upload.
    ///
    /// The other file then learns the digest early. It need not wait for the end of the upload.
    func tellingDigest(
        of source: UploadSource,
        isKnown: Bool,
        _ upload: () async throws -> Outcome
    ) async throws -> Outcome {
        if isKnown { return try await upload() }
        let number = flight.number
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                guard await account.flights.waitForCompany(of: number) else { return }
                let reader = FileReader(source, as: source.version)
                // If the file cannot be read to its end, its upload reports the reason.
                guard (try? await reader.hash(to: file.size)) != nil else { return }
                await account.flights.publish(reader.digest(), of: number)
            }
            return try await upload()
        }
    }

    /// The digest of the file's bytes; nil if they changed while they were read.
    private func digest(of source: UploadSource) async throws -> SHA256Digest? {
        if let whole = source.whole { return whole.digest }
        if let known = account.index?.digest(of: file) { return known }
        let reader = FileReader(source, as: source.version)
        try await reader.hash(to: file.size)
        let digest = reader.digest()
        let state = try await source.currentState()
        return state.version == source.version && state.isHeldForWriting != true ? digest : nil
    }

    /// Whether the account has bytes of this size, or may have them.
    private func mayHaveKnownBytes() async throws -> Bool {
        if flight.hasCompany || account.index != nil { return true }
        if queued.begun != nil { return false }
        if try await account.durably({ try await account.book.hasAssets(ofSize: file.size) }) { return true }
        return try await account.durably { try await account.book.hasUploads(besides: file) }
    }

    /// Whether the account surely has these bytes.
    ///
    /// Asked again before the last bytes go, because the file may have been written to since step 2. If the ledger
    /// cannot answer now, the result is false: a PUT does not wait for it.
    func isKnown(_ digest: SHA256Digest) async -> Bool {
        let asset = try? await account.book.asset(size: file.size, sha256: digest)
        return asset != nil
    }

    /// The path that the file was moved from. Its entry shows the asset, it is gone from the disk, and it had this very
    /// inode.
    ///
    /// Another file with the same bytes takes nothing from an entry whose file has left.
    private func vacatedPath(of asset: KnownAsset) async throws -> FilePath? {
        let paths = try await account.durably {
            try await account.book.earlierPaths(of: file, showing: asset)
        }
        for path in paths {
            // Same inode, so the path lies on the file system of this file, if anything is there.
            if try await account.disks.disk(of: file).look({ FileStatus.isGone(path) }) { return path }
        }
        return nil
    }
}
