import SystemPackage
import Threads

/// The places of the watched folders. Each file belongs to one folder, so no two places overlap: the first folder has
/// the place.
///
/// Links and mounts may change while the folders are watched. So a folder takes its place when it appears, and again
/// at each scan.
package final class HeldPlaces: Sendable {
    private struct Holding {
        let owner: ObjectIdentifier
        let folder: String
        let place: DirectoryPlace
    }

    private let holdings = Mutex<[Holding]>([])

    package init() {}

    /// Takes the place of a folder, instead of the one that the folder has. Returns nil if the folder has it now;
    /// otherwise the reason, and the folder has none.
    ///
    /// `owner` stands for the folder as long as it is watched.
    func claim(_ place: DirectoryPlace, of folder: String, for owner: AnyObject) -> String? {
        holdings.withLock { holdings in
            holdings.removeAll { $0.owner == ObjectIdentifier(owner) }
            if let reason = Self.reason(place, holdings) { return reason }
            holdings.append(Holding(owner: ObjectIdentifier(owner), folder: folder, place: place))
            return nil
        }
    }

    /// Frees the place of `owner`.
    func leave(_ owner: AnyObject) {
        holdings.withLock { holdings in holdings.removeAll { $0.owner == ObjectIdentifier(owner) } }
    }

    /// Why the directory at this path has files of a watched folder; nil if it has none. Does not count the folder
    /// `own`. A directory around a folder is free: only the folder itself is not. Blocks.
    package func reason(against path: FilePath, except own: String? = nil) -> String? {
        let others = holdings.withLock { $0.filter { $0.folder != own } }
        return others.isEmpty ? nil : Self.reason(DirectoryPlace(of: path), others, mayBeAround: own == nil)
    }

    private static func reason(_ place: DirectoryPlace, _ others: [Holding], mayBeAround: Bool = false) -> String? {
        for other in others {
            guard let overlap = place.overlap(with: other.place) else { continue }
            switch overlap {
            case .around where mayBeAround: continue
            case .same: return "it is the directory of folder \(other.folder), which is watched already"
            case .inside: return "it lies in folder \(other.folder), which is watched already"
            case .around: return "folder \(other.folder), which is watched already, lies in it"
            case .shared: return "a directory that is mounted in it also shows in folder \(other.folder)"
            }
        }
        return nil
    }
}
