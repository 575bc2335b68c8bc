import CLinux
import Glibc
import Pipeline
import SystemPackage
import Watch

extension ConfigurationChecks {
    /// Checks that each of the manifest's two files can be replaced by itself.
    ///
    /// A fault is found now, because later it would keep all uploads waiting.
    func manifestFiles() -> [ConfigurationError.Problem] {
        manifestPaths.compactMap { place, path in
            probe.isSilent(path) ? nil : ManifestPlace(path).trouble.map { place.saying($0) }
        }
    }

    /// The files that manifests are written to, this host's and the fleet's, each with its place in the configuration.
    var manifestPaths: [(ConfigurationError.Problem, FilePath)] {
        let manifest = configuration.manifest
        let own = [(manifest.places["path"], manifest.path), (manifest.places["journal"], manifest.journal)]
        guard let fleet = configuration.fleet else { return own }
        return own + [fleet.manifest, fleet.journal].map { (fleet.places["manifest"], $0) }
    }
}

/// Where one of the manifest's files is, and whether it can be replaced there. Asks the disk.
struct ManifestPlace {
    private let path: FilePath

    init(_ path: FilePath) {
        self.path = path
    }

    /// The file itself, with links followed and in its real directory.
    private var target: FilePath {
        let target = (try? path.followingLinks()) ?? path
        let directory = target.removingLastComponent()
        guard let name = target.lastComponent, let real = directory.withPlatformString({ realpath($0, nil) }) else {
            return target
        }
        defer { free(real) }
        return FilePath(platformString: real).appending(name)
    }

    /// Why the file cannot be replaced; nil if it can, as far as can be told.
    var trouble: String? {
        do throws(Errno) {
            _ = try path.followingLinks()
        } catch .permissionDenied {
            // Whoever opens the state directory, or writes the file, has the better words.
            return nil
        } catch {
            return "\(path) is a symbolic link that leads nowhere: \(error)"
        }
        let target = target
        let name = target == path ? "\(path)" : "\(path), which leads to \(target),"
        var status = stat()
        guard target.withPlatformString({ lstat($0, &status) }) == 0 else { return nil }
        if isMounted(target, status) {
            return "\(name) is mounted by itself, and so cannot be replaced: mount the directory that it is in"
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return isForeign(target) ? "\(name) is a file of something else: move it aside" : nil
        case S_IFDIR: return "\(name) is a directory, and must be a file"
        default: return "\(name) is no regular file, and would be replaced by one"
        }
    }

    /// Whether the file surely is none that Outtray has written: it begins as no JSON object does.
    ///
    /// An empty file may have been made for its rights. After a crash of the machine, a file may begin with zeros.
    private func isForeign(_ file: FilePath) -> Bool {
        let head = try? RegularFile.reading(file) { descriptor, _ in try descriptor.readAll(most: 512) }
        let first = head?.first { !" \t\r\n".utf8.contains($0) }
        return first.map { $0 != UInt8(ascii: "{") && $0 != 0 } ?? false
    }

    /// Whether the file is mounted by itself. Before Linux 5.8, only its device shows that.
    private func isMounted(_ target: FilePath, _ status: stat) -> Bool {
        let told = target.withPlatformString { clinux_is_mount_point($0) }
        guard told < 0 else { return told == 1 }
        var directory = stat()
        let parent = target.removingLastComponent()
        return parent.withPlatformString { stat($0, &directory) } == 0 && directory.st_dev != status.st_dev
    }
}
