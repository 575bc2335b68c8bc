import ArgumentParser
import Fleet

/// What went wrong with the fleet's database, in words, and the exit code for it.
struct FleetTrouble {
    let words: String
    let exitCode: ExitCode

    /// Nil for an error that is not about the fleet.
    init?(_ error: any Error) {
        switch error {
        case let error as PostgresError:
            words = "\(error)"
            exitCode = error.kind.exitCode
        case SchemaTrouble.noRights:
            words = "\(error)"
            exitCode = ExitStatus.noPermission
        case is SchemaTrouble, is UnknownRole, is HostTrouble, is TargetConflict:
            words = "\(error)"
            exitCode = ExitStatus.configuration
        case is FarewellTrouble:
            words = "\(error)"
            exitCode = ExitStatus.tryAgain
        default: return nil
        }
    }

    static let codes = """
        Exit codes: 0 done, 64 wrong usage or no such host, 73 standard output could not be written, 75 the database \
        cannot be reached, or a host that lives or has begun uploads stays, 77 the database refuses the role, or it \
        lacks a right, 78 wrong configuration, or a database that is no fleet's or of another version.
        """
}

extension PostgresError.Kind {
    /// The exit code of a command that failed with it.
    var exitCode: ExitCode {
        switch self {
        case .unreachable, .cancelled, .busy, .gate, .full, .readOnly: ExitStatus.tryAgain
        case .refused, .noRight: ExitStatus.noPermission
        case .noDatabase, .noSchema, .unsafe, .noLibrary, .other: ExitStatus.configuration
        }
    }
}
