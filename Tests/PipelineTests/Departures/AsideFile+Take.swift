import SystemPackage

@testable import Pipeline

extension AsideFile {
    /// Sets a departing file aside, or finds it set aside.
    static func take(
        _ departure: Departure,
        beneath root: FilePath,
        isQuiet: Bool,
        canRename: Bool = true
    ) throws -> Taking {
        switch try look(at: departure, beneath: root, isQuiet: isQuiet, canRename: canRename) {
        case .there(let file): try file.setAside()
        case .leftover(let file): .aside(file)
        case .ended(let ending): .ended(ending)
        }
    }
}
