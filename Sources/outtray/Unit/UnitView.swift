import SystemPackage

/// The file system as the service sees it: what the unit's settings put over the machine's own.
///
/// systemd sorts all these places by their path. Of two at one path the stricter one counts, nothing counts beneath an
/// inaccessible one, and otherwise the deepest one that holds a path decides (systemd's `namespace.c`).
struct UnitView {
    /// What is done at a place, the stricter first.
    enum Mode: Int, Sendable {
        case inaccessible
        case bound
        /// Something else is there, and what the machine has does not show.
        case covered
        case readOnly
        case readWrite
        case temporary
        /// As ``readWrite``, and weaker than all others.
        case left
    }

    /// A place that a setting names.
    struct Place: Equatable, Sendable {
        /// Without links.
        var path: FilePath
        /// As the unit names it.
        let given: FilePath
        let mode: Mode
        /// The setting, such as `ProtectHome=yes`.
        let cause: String
        /// What shows there; nil for what is there anyway.
        let source: FilePath?
        let isReadOnly: Bool

        init(path: FilePath, mode: Mode, cause: String, source: FilePath? = nil, isReadOnly: Bool = false) {
            (self.path, given, self.mode, self.cause) = (path, path, mode, cause)
            (self.source, self.isReadOnly) = (source, isReadOnly)
        }
    }

    /// How a path looks to the service.
    enum Sight: Equatable, Sendable {
        /// `place` is what made it read-only; nil if it can be written to. `source` is the path on the machine.
        case shown(source: FilePath, readOnlyBy: Place?)
        case hidden(Place)
    }

    private let places: [Place]

    /// `resolve` follows links, as systemd does with the paths that it is given.
    init(_ settings: UnitSettings, resolve: (FilePath) -> FilePath = { $0 }) {
        var places = Self.given(settings) + Self.protected(settings)
        for index in places.indices { places[index].path = resolve(places[index].path) }
        // Shallow places first; of one path, the strictest first.
        let depths = places.enumerated().sorted { one, other in
            let (left, right) = (one.element, other.element)
            let (depth, otherDepth) = (left.path.components.count, right.path.components.count)
            return (depth, left.mode.rawValue, one.offset) < (otherDepth, right.mode.rawValue, other.offset)
        }
        self.places = depths.map(\.element)
    }

    private static func given(_ settings: UnitSettings) -> [Place] {
        func places(_ paths: [UnitPath], _ mode: Mode) -> [Place] {
            paths.map { Place(path: $0.path, mode: mode, cause: "\($0.key)=\(UnitText.shownWord($0.path))") }
        }
        func bound(_ binds: [UnitBind], _ key: String, isReadOnly: Bool) -> [Place] {
            binds.map {
                Place(
                    path: $0.target,
                    mode: .bound,
                    cause: "\(key)=\($0.word ?? UnitText.shownWord($0.target))",
                    source: $0.source,
                    isReadOnly: isReadOnly
                )
            }
        }
        return places(settings.readWrite, .readWrite) + places(settings.readOnly, .readOnly)
            + places(settings.inaccessible, .inaccessible) + places(settings.temporary, .temporary)
            + bound(settings.binds, "BindPaths", isReadOnly: false)
            + bound(settings.readOnlyBinds, "BindReadOnlyPaths", isReadOnly: true)
    }

    private static func protected(_ settings: UnitSettings) -> [Place] {
        func places(_ paths: [FilePath], _ mode: Mode, _ cause: String) -> [Place] {
            paths.map { Place(path: $0, mode: mode, cause: cause) }
        }
        let homes: [FilePath] = ["/home", "/root", "/run/user"]
        var all: [Place] = []
        let homeCause = "ProtectHome=\(settings.protectHome.rawValue)"
        switch settings.protectHome {
        case .no: break
        case .yes: all += places(homes, .inaccessible, homeCause)
        case .readOnly: all += places(homes, .readOnly, homeCause)
        case .tmpfs: all += places(homes, .temporary, homeCause)
        }
        let systemCause = "ProtectSystem=\(settings.protectSystem.rawValue)"
        switch settings.protectSystem {
        case .no: break
        case .yes: all += places(["/usr", "/boot", "/efi"], .readOnly, systemCause)
        case .full: all += places(["/usr", "/boot", "/efi", "/etc"], .readOnly, systemCause)
        case .strict:
            all += places(["/"], .readOnly, systemCause)
            all += places(["/proc", "/sys", "/dev"] + homes, .left, systemCause)
        }
        if settings.hasPrivateTmp { all += places(["/tmp", "/var/tmp"], .covered, "PrivateTmp=yes") }
        if settings.hasPrivateDevices { all += places(["/dev"], .covered, "PrivateDevices=yes") }
        all += places(settings.ownDirectories, .readWrite, "StateDirectory=")
        if settings.isDynamicUser {
            all += places(["/var/lib/private"], .covered, "DynamicUser=yes")
            all += settings.ownDirectories.filter { $0.starts(with: "/var/lib") }.map { directory in
                let real = UnitSettings.privateDirectory(of: directory)
                return Place(path: real, mode: .bound, cause: "StateDirectory=", source: real)
            }
        }
        return all
    }

    /// How a path without links looks to the service.
    func sight(of path: FilePath) -> Sight {
        var sight = Sight.shown(source: path, readOnlyBy: nil)
        var last: FilePath?
        for place in places where path.starts(with: place.path) {
            defer { last = place.path }
            let isSecond = place.path == last
            switch (place.mode, sight) {
            case (.inaccessible, _): return .hidden(place)
            case (.readOnly, .shown(let source, nil)): sight = .shown(source: source, readOnlyBy: place)
            // A second setting for one path has no say, but that it is read-only.
            case _ where isSecond: break
            case (.bound, _):
                var source = place.source ?? place.path
                for component in path.components.dropFirst(place.path.components.count) { source.append(component) }
                sight = .shown(source: source, readOnlyBy: place.isReadOnly ? place : nil)
            case (.covered, _), (.temporary, _): sight = .hidden(place)
            case (.readOnly, .shown(let source, _)): sight = .shown(source: source, readOnlyBy: place)
            case (.readWrite, .shown(let source, _)), (.left, .shown(let source, _)):
                sight = .shown(source: source, readOnlyBy: nil)
            case (.readOnly, .hidden), (.readWrite, .hidden), (.left, .hidden): break
            }
        }
        return sight
    }
}
