import SystemPackage
import Watch

/// Step 2 of a try: whether the account has the file's bytes already, or may have them.
extension UploadJob {
    /// What step 2 came to.
    enum Look {
        case ended(Outcome)
        /// With the digest of its bytes, where they were read.
        case goesUp(SHA256Digest?)
    }

    /// Step 2. Equal bytes that are on their way are waited for, but not for long: after that the file gives its slot back.
    func look(at source: UploadSource, _ number: Flights.Number, hasCompany: Bool) async throws -> Look {
        guard try await mayHaveKnownBytes(hasCompany: hasCompany) else { return .goesUp(nil) }
        let reader = FileReader(source, as: source.version)
        try await reader.skip(to: file.size)
        let digest = await reader.digest()
        let state = try await source.currentState()
        guard state.version == source.version, state.isHeldForWriting != true else {
            return .ended(await changed("it changed while it was read", source))
        }
        await account.flights.publish(digest, of: number)
        if let reason = try await account.flights.waitForTurn(of: number, digest: digest, clock: account.clock) {
            return .ended(.waits(reason: reason))
        }
        let asset = try await account.durably { try await account.book.asset(size: file.size, sha256: digest) }
        guard let known = asset else { return .goesUp(digest) }
        let movedFrom = try await vacatedPath(of: known)
        try await account.durably {
            try await account.book.reuse(
                known,
                for: file,
                movedFrom: movedFrom,
                leaving: account.afterUpload(file),
                at: .now()
            )
        }
        CrashPoint.knownBytesRecorded.reached()
        return .ended(.reused(movedFrom: movedFrom))
    }

    /// Runs `upload`. Where another file of this size comes meanwhile, this one is read beside it, so that the other one
    /// need not wait for the end.
    func tellingDigest(
        of source: UploadSource,
        _ number: Flights.Number,
        isKnown: Bool,
        _ upload: () async throws -> Outcome
    ) async throws -> Outcome {
        if isKnown { return try await upload() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                guard await account.flights.waitForCompany(of: number) else { return }
                let reader = FileReader(source, as: source.version)
                // Where it cannot be read to its end, its upload says why.
                guard (try? await reader.skip(to: file.size)) != nil else { return }
                await account.flights.publish(reader.digest(), of: number)
            }
            return try await upload()
        }
    }

    /// Whether anything that the account has, or may have, is of this size.
    private func mayHaveKnownBytes(hasCompany: Bool) async throws -> Bool {
        if hasCompany { return true }
        if try await account.durably({ try await account.book.hasAssets(ofSize: file.size) }) { return true }
        return try await account.durably { try await account.book.hasUploads(besides: file) }
    }

    /// Whether the account surely has these bytes: looked at once more before the last of them goes, as the file may have
    /// been written to since step 2. A PUT does not wait for a ledger that cannot tell now.
    func isKnown(_ digest: SHA256Digest) async -> Bool {
        let asset = try? await account.book.asset(size: file.size, sha256: digest)
        return asset != nil
    }

    /// The path that the file was moved from: its entry shows the asset, it is not on disk any more, and it was this very
    /// inode. A file with the same bytes that is another one takes nothing from an entry whose file has left.
    private func vacatedPath(of asset: KnownAsset) async throws -> FilePath? {
        let paths = try await account.durably {
            try await account.book.earlierPaths(of: file, showing: asset)
        }
        for path in paths {
            // The same inode: so the path, if anything is there, lies on the file system that this file was read from.
            if try await account.disks.disk(of: file).look({ FileStatus.isGone(path) }) { return path }
        }
        return nil
    }
}
